import SanaModel

/// Series of points in colors of their own. An SVG that is as wide as it may be: across it counts in percent, down in
/// pixels.
struct SeriesPlot {
    struct Series {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    let title: String
    /// What the horizontal axis counts, and the unit of the vertical one.
    let xLabel: String
    let yLabel: String
    let series: [Series]
    /// Whether neighbouring points are joined.
    var hasLines = false

    private static let height = 260.0
    private static let margin = 8.0
    private static let labelHeight = 24.0
    /// Of the width, left and right of the points.
    private static let inset = 2.0
    /// Classes of the style sheet, one a series, again from the first where there are more.
    private static let colors = 10

    /// - Precondition: there is a point, and all are finite.
    var html: HTML {
        let points = series.flatMap(\.points)
        let axis = PlotAxis(points.map(\.y))
        let (low, high) = (points.map(\.x).min() ?? 0, points.map(\.x).max() ?? 0)
        func x(_ value: Double) -> String {
            let share = high > low ? (value - low) / (high - low) : 0.5
            return fixed(Self.inset + (100 - 2 * Self.inset) * share, 2) + "%"
        }
        func y(_ value: Double) -> String {
            fixed(Self.margin + Self.height * (1 - axis.share(value)), 1)
        }
        let lines = axis.ticks.map { tick -> HTML in
            """
            <line x1="0" x2="100%" y1="\(y(tick))" y2="\(y(tick))"/>\
            <text class="end" x="-8" y="\(y(tick))" dy="4">\(signed(fixed(tick, axis.decimals)))</text>

            """
        }
        let numbers = Self.numbers(low, high).map { number -> HTML in
            "<text class=\"middle\" x=\"\(x(number))\" y=\"\(fixed(bottom, 0))\">\(fixed(number, 0))</text>"
        }
        let marks = series.enumerated().map { index, series -> HTML in
            let joints = hasLines ? Array(zip(series.points, series.points.dropFirst())) : []
            let dots = series.points.map { point -> HTML in
                """
                <circle cx="\(x(point.x))" cy="\(y(point.y))" r="\(hasLines ? 2 : 4)"><title>\(series.name), \
                \(xLabel) \(fixed(point.x, 0)): \(signed(fixed(point.y, 1))) \(yLabel)</title></circle>
                """
            }
            let links = joints.map { from, to -> HTML in
                "<line x1=\"\(x(from.x))\" y1=\"\(y(from.y))\" x2=\"\(x(to.x))\" y2=\"\(y(to.y))\"/>"
            }
            return "<g class=\"\(Self.color(index))\">\(links)\(dots)</g>\n"
        }
        return """
            <figure class="plot series">
            <figcaption><h3>\(title), \(yLabel)</h3></figcaption>
            <svg height="\(fixed(bottom + Self.margin, 0))" role="img" aria-label="\(label)">
            \(lines)\(numbers)
            \(marks)</svg>
            <p class="axis" aria-hidden="true">\(xLabel)</p>
            <p class="legend">\(legend)</p>
            </figure>
            """
    }

    /// Where the horizontal axis' numbers stand.
    private var bottom: Double { Self.height + 2 * Self.margin + Self.labelHeight / 2 }

    private var legend: [HTML] {
        series.enumerated().map { index, series in
            "<span><i class=\"\(Self.color(index))\"></i><bdi>\(series.name)</bdi></span> "
        }
    }

    /// The range of each series, for those who cannot see it.
    private var label: String {
        let ranges = series.map { series in
            let values = series.points.map(\.y)
            return "\(series.name) \(fixed(values.min() ?? 0, 1)) to \(fixed(values.max() ?? 0, 1))"
        }
        return "\(title), in \(yLabel): \(ranges.joined(separator: "; "))."
    }

    private static func color(_ index: Int) -> String { "series-\(index % colors)" }

    /// Whole numbers from the first to the last, at most ten or so.
    private static func numbers(_ low: Double, _ high: Double) -> [Double] {
        let step = [1.0, 2, 5, 10, 20, 50, 100, 200].first { (high - low) / $0 <= 10 } ?? max(1, high - low)
        return Array(stride(from: low, through: high, by: step))
    }
}
