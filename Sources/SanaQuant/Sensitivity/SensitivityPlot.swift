/// A plot of series of points as SVG, whose colors are the page's.
struct SensitivityPlot {
    struct Series {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    let title: String
    let xLabel: String
    let yLabel: String
    let series: [Series]
    /// Whether points are joined by lines.
    var hasLines = false

    private static let size = (width: 760.0, height: 340.0)
    private static let margin = (left: 56.0, right: 12.0, top: 14.0, bottom: 44.0)
    /// Classes of the page's style sheet, one a series, again from the first where there are more.
    static let colors = 10

    var svg: String {
        let points = series.flatMap(\.points)
        guard !points.isEmpty else { return "" }
        let (xTicks, yTicks) = (Self.ticks(points.map(\.x)), Self.ticks(points.map(\.y)))
        func x(_ value: Double) -> Double {
            let inner = Self.size.width - Self.margin.left - Self.margin.right
            return Self.margin.left + inner * Self.share(value, xTicks)
        }
        func y(_ value: Double) -> Double {
            let inner = Self.size.height - Self.margin.top - Self.margin.bottom
            return Self.margin.top + inner * (1 - Self.share(value, yTicks))
        }
        let (left, bottom) = (Self.margin.left, Self.size.height - Self.margin.bottom)
        var parts = [
            "<svg viewBox=\"0 0 \(Self.size.width) \(Self.size.height)\" role=\"img\" "
                + "aria-label=\"\(HTML.escaped(title))\">"
        ]
        for tick in yTicks {
            parts.append(
                "<line class=\"grid\" x1=\"\(left)\" x2=\"\(Self.size.width - Self.margin.right)\" "
                    + "y1=\"\(rounded(y(tick)))\" y2=\"\(rounded(y(tick)))\"/>"
                    + "<text class=\"end\" x=\"\(left - 6)\" y=\"\(rounded(y(tick) + 4))\">\(shown(tick))</text>"
            )
        }
        for tick in xTicks {
            parts.append(
                "<text class=\"middle\" x=\"\(rounded(x(tick)))\" y=\"\(bottom + 18)\">\(shown(tick))</text>")
        }
        parts.append(
            "<text class=\"middle\" x=\"\(Self.size.width / 2)\" y=\"\(Self.size.height - 6)\">"
                + "\(HTML.escaped(xLabel))</text>"
                + "<text class=\"middle\" transform=\"rotate(-90)\" x=\"\(-(bottom + Self.margin.top) / 2)\" "
                + "y=\"14\">\(HTML.escaped(yLabel))</text>")
        for (index, series) in series.enumerated() {
            let color = "c\(index % Self.colors)"
            let places = series.points.map { (rounded(x($0.x)), rounded(y($0.y))) }
            if hasLines {
                let path = places.map { "\($0.0),\($0.1)" }.joined(separator: " ")
                parts.append("<polyline class=\"\(color)\" points=\"\(path)\"/>")
            }
            for (place, point) in zip(places, series.points) {
                parts.append(
                    "<circle class=\"\(color)\" cx=\"\(place.0)\" cy=\"\(place.1)\" r=\"\(hasLines ? 2.5 : 4)\">"
                        + "<title>\(HTML.escaped(series.name)), \(shown(point.x)): \(rounded(point.y))</title></circle>"
                )
            }
        }
        parts.append("</svg>")
        return parts.joined()
    }

    /// The series' names with their colors.
    var legend: String {
        let items = series.enumerated().map { index, series in
            "<span><i class=\"c\(index % Self.colors)\"></i>\(HTML.escaped(series.name))</span>"
        }
        return "<p class=\"legend\">\(items.joined(separator: " "))</p>"
    }

    /// Round numbers, four to eight of them, that reach around all values.
    private static func ticks(_ values: [Double]) -> [Double] {
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        let span = max(high - low, 1)
        let step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].first { span / $0 <= 7 } ?? span / 5
        let first = (low / step).rounded(.down)
        let last = max((high / step).rounded(.up), first + 1)
        return (0...Int(last - first)).map { (first + Double($0)) * step }
    }

    private static func share(_ value: Double, _ ticks: [Double]) -> Double {
        guard let first = ticks.first, let last = ticks.last, last > first else { return 0 }
        return (value - first) / (last - first)
    }

    private func shown(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(rounded(value))"
    }

    private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
