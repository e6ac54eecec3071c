import SanaModel

/// What a report says of one of its sides, read back; whatever is missing is nil.
struct ComparedSide {
    private let json: JSON

    init(_ json: JSON) { self.json = json }

    var isPack: Bool { json["kind"]?.stringValue == "pack" }
    var path: String { json["path"]?.stringValue ?? "" }
    var model: String? { json["model"]?.stringValue }
    var policy: String? { json["policy"]?.stringValue }
    var rules: String? { json["rules"]?.stringValue }
    var tool: String? { json["tool"]?.stringValue }
    var byteCount: Int? { json["bytes"]?.intValue }
    var isCalibrated: Bool { json["calibrated"]?.boolValue ?? false }

    /// A component's tensors of one scheme.
    struct Part {
        let component: String
        let scheme: String
        let tensors: Int
        let byteCount: Int
    }

    var parts: [Part] {
        (json["components"]?.arrayValue ?? []).flatMap { component -> [Part] in
            guard let name = component["name"]?.stringValue else { return [] }
            return (component["schemes"]?.arrayValue ?? []).compactMap { scheme in
                guard let title = scheme["name"]?.stringValue, let tensors = scheme["tensors"]?.intValue,
                    let bytes = scheme["storedBytes"]?.intValue
                else { return nil }
                return Part(component: name, scheme: title, tensors: tensors, byteCount: bytes)
            }
        }
    }

    private var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// What tells the two apart: their policies, or else their files.
    static func names(
        _ candidate: ComparedSide, _ reference: ComparedSide
    ) -> (candidate: String, reference: String) {
        if let first = candidate.policy, let second = reference.policy, first != second {
            return (first, second)
        }
        return candidate.fileName == reference.fileName
            ? (candidate.path, reference.path) : (candidate.fileName, reference.fileName)
    }
}
