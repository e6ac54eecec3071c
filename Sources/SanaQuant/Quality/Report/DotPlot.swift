import SanaModel

/// One figure of all prompts, sorted from the worst to the best, a dot each. An SVG that is as wide as it may be: across
/// it counts in percent, down in pixels.
struct DotPlot {
    let figure: Figure
    let results: [QualityResult]
    let mean: Double

    private static let height = 200.0
    /// Above and below the axis' ends, so that dots there are whole.
    private static let margin = 6.0
    /// Dots that can be told apart on no screen need not be there.
    private static let dotLimit = 2000

    /// - Precondition: there are results.
    var html: HTML {
        let sorted = results.sorted { first, second in
            let (a, b) = (first.figures[figure], second.figures[figure])
            return a == b ? first.index < second.index : figure.isBetterSmall ? a > b : a < b
        }
        let values = sorted.map { $0.figures[figure] }
        // A drop is none where it is 0.
        let always = figure.isBetterSmall ? [0.0] : []
        let axis = PlotAxis(values + always)
        let meanHeight = y(mean, axis)
        let places = Self.places(of: values.count)
        let dots = places.map { place -> HTML in
            let result = sorted[place]
            let x = 100 * (Double(place) + 0.5) / Double(values.count)
            return """
                <circle cx="\(fixed(x, 2))%" cy="\(fixed(y(values[place], axis), 1))" r="3"><title>\
                Prompt \(result.index + 1): \(figure.shown(values[place]))</title></circle>
                """
        }
        return """
            <figure class="plot">
            <figcaption><h3>\(figure.title)</h3></figcaption>
            <svg height="\(fixed(Self.height + 2 * Self.margin, 0))" role="img" aria-label="\(label(values))">
            \(axis.ticks.map { line($0, axis) })\
            <line class="mean" x1="0" x2="100%" y1="\(fixed(meanHeight, 1))" y2="\(fixed(meanHeight, 1))"/>
            \(HTML(joining: dots, separator: "\n"))
            <text class="mean end" x="100%" y="\(fixed(meanHeight + (figure.isBetterSmall ? -6 : 15), 1))">\
            mean \(figure.shown(mean))</text>
            </svg>
            <p class="ends" aria-hidden="true"><span>worst prompt</span><span>best</span></p>
            </figure>
            """
    }

    private func line(_ tick: Double, _ axis: PlotAxis) -> HTML {
        let height = y(tick, axis)
        return """
            <line x1="0" x2="100%" y1="\(fixed(height, 1))" y2="\(fixed(height, 1))"/>\
            <text class="end" x="-8" y="\(fixed(height + 4, 1))">\(signed(fixed(tick, axis.decimals)))</text>

            """
    }

    private func label(_ values: [Double]) -> String {
        """
        \(figure.title) of \(values.count) \(values.count == 1 ? "prompt" : "prompts"), from the worst, \
        \(figure.shown(values[0])), to the best, \(figure.shown(values[values.count - 1])); the mean is \
        \(figure.shown(mean)).
        """
    }

    private func y(_ value: Double, _ axis: PlotAxis) -> Double {
        Self.margin + Self.height * (1 - axis.share(value))
    }

    /// The places that get a dot: all, or evenly many with both ends.
    private static func places(of count: Int) -> [Int] {
        guard count > dotLimit else { return Array(0..<count) }
        return (0..<dotLimit).map { $0 * (count - 1) / (dotLimit - 1) }
    }
}

/// Round numbers around some values.
struct PlotAxis {
    /// At least two, ascending.
    let ticks: [Double]
    /// Digits behind the point that tell them apart.
    let decimals: Int

    /// - Precondition: there is a value, and all are finite.
    init(_ values: [Double]) {
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        let steps = (-5...6).flatMap { power in [1, 2, 5].map { (mantissa: $0, power: power) } }
        func size(_ step: (mantissa: Int, power: Int)) -> Double {
            Double("\(step.mantissa)e\(step.power)") ?? 1
        }
        let chosen = steps.first { (high - low) / size($0) <= 4 } ?? (1, 6)
        let step = size(chosen)
        // What a division leaves must not make a tick more.
        let first = (low / step + 1e-6).rounded(.down)
        let last = max((high / step - 1e-6).rounded(.up), first + 1)
        ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
        decimals = max(0, -chosen.power)
    }

    /// 0 at the first tick, 1 at the last.
    func share(_ value: Double) -> Double { (value - ticks[0]) / (ticks[ticks.count - 1] - ticks[0]) }
}
