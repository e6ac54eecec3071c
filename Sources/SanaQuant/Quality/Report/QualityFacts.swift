import SanaModel

/// How the pictures were made: policies, sizes, settings and the machine.
struct QualityFacts {
    let about: QualityReport.About

    private var candidate: ComparedSide { ComparedSide(about.candidate) }
    private var reference: ComparedSide { ComparedSide(about.reference) }

    var html: HTML {
        """
        <section>
        <h2>What was compared</h2>
        \(sides)
        \(policy)
        <div class="facts">
        \(list("Settings", settings))
        \(list("Machine", machine))
        </div>
        </section>
        """
    }

    private var sides: HTML {
        var table = HTMLTable(
            "The two sides", [.text(""), .text("Candidate"), .text("Reference")])
        func add(_ name: HTML, _ value: (ComparedSide) -> String?) {
            let values = [candidate, reference].map(value)
            guard values.contains(where: { $0 != nil }) else { return }
            table.add([name] + values.map { "<bdi>\($0 ?? "")</bdi>" })
        }
        add(candidate.isPack ? "Pack" : "Folder") { $0.path }
        add("Model", \.model)
        add("Policy") { side in side.policy.map { $0 + (side.isCalibrated ? ", calibrated" : "") } }
        add("Size") { side in side.byteCount.map { bytes($0) } }
        if let own = candidate.byteCount, let other = reference.byteCount, other > 0 {
            table.add(["Of the reference", "\(fixed(100 * Double(own) / Double(other), 0)) %", ""])
        }
        add("Written by", \.tool)
        return table.html
    }

    /// What became of each component's tensors.
    private var policy: HTML {
        let (parts, others) = (candidate.parts, reference.parts)
        guard !parts.isEmpty || !others.isEmpty else { return "" }
        var table = HTMLTable(
            "What each component is kept in",
            [
                .text("Component"), .text("Kept in"), .number("Candidate, tensors"), .number("bytes"),
                .number("Reference, tensors"), .number("bytes"),
            ])
        var seen: [(component: String, scheme: String)] = []
        for part in parts + others where !seen.contains(where: { $0 == (part.component, part.scheme) }) {
            seen.append((part.component, part.scheme))
        }
        let components = seen.map(\.component).reduce(into: [String]()) { names, name in
            if !names.contains(name) { names.append(name) }
        }
        for component in components {
            for row in seen where row.component == component {
                func cells(_ parts: [ComparedSide.Part]) -> [HTML] {
                    guard let part = parts.first(where: { ($0.component, $0.scheme) == row }) else {
                        return ["", ""]
                    }
                    return ["\(part.tensors)", "\(bytes(part.byteCount))"]
                }
                let title = Component(rawValue: component)?.title ?? component
                table.add(
                    ["\(title)", "\(Self.title(ofScheme: row.scheme))"] + cells(parts)
                        + cells(others))
            }
        }
        return """
            <h3>Policy</h3>
            <p class="note">Tensors of each component by what they are kept in, and what these take in the pack.</p>
            \(table.html)
            \(rules)
            """
    }

    private var rules: HTML {
        guard let rules = candidate.rules, let name = candidate.policy else { return "" }
        return "<details><summary>The rules of \(name)</summary><pre>\(rules)</pre></details>"
    }

    private static func title(ofScheme name: String) -> String {
        switch Scheme(name: name) {
        case .w8a8: "INT8 weights and activations"
        case .w8: "INT8 weights"
        case .f16: "16 bits"
        case .f32: "32 bits"
        case nil: name
        }
    }

    private var settings: [(String, String)] {
        let settings = about.settings
        func size(_ width: String, _ height: String) -> String? {
            guard let width = settings[width]?.intValue, let height = settings[height]?.intValue else {
                return nil
            }
            return "\(width) × \(height) pixels"
        }
        let (size, drawn) = (size("width", "height"), size("drawnWidth", "drawnHeight"))
        return [
            ("Size", size.map { $0 + (drawn == $0 || drawn == nil ? "" : ", drawn at \(drawn ?? "")") }),
            ("Steps", settings["steps"]?.intValue.map(String.init)),
            ("Guidance", settings["guidance"]?.doubleValue.map { "\($0)" }),
            ("CLIP", about.clip.stringValue),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    private var machine: [(String, String)] {
        [
            ("Processor", about.machine["processor"]?.stringValue),
            ("Kernels", about.machine["tier"]?.stringValue),
            ("Threads", about.machine["threads"]?.intValue.map(String.init)),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    private func list(_ title: HTML, _ facts: [(String, String)]) -> HTML {
        guard !facts.isEmpty else { return "" }
        let items = facts.map { "<div><dt>\($0)</dt><dd><bdi>\($1)</bdi></dd></div>" as HTML }
        return "<div><h3>\(title)</h3><dl>\(items)</dl></div>"
    }
}
