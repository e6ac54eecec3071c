/// A table whose first column names the rows.
struct HTMLTable {
    enum Column {
        /// To the left.
        case text(HTML)
        /// To the right, digits below digits.
        case number(HTML)
    }

    /// What it shows, for those who cannot see it.
    let label: String
    let columns: [Column]
    private var rows: [HTML] = []

    init(_ label: String, _ columns: [Column]) {
        self.label = label
        self.columns = columns
    }

    /// - Precondition: there is a cell for each column.
    mutating func add(_ cells: [HTML], isTotal: Bool = false) {
        precondition(cells.count == columns.count)
        let row = zip(columns, cells).enumerated().map { place, cell -> HTML in
            let kind = cell.0.attribute
            return place == 0 ? "<th scope=\"row\"\(kind)>\(cell.1)</th>" : "<td\(kind)>\(cell.1)</td>"
        }
        rows.append(isTotal ? "<tr class=\"total\">\(row)</tr>" : "<tr>\(row)</tr>")
    }

    /// The table in a frame of its own, which can be scrolled where it is wider than the page.
    var html: HTML {
        let titles = columns.map { "<th scope=\"col\"\($0.attribute)>\($0.title)</th>" as HTML }
        return """
            <div class="scroll" role="region" tabindex="0" aria-label="\(label)"><table>
            <thead><tr>\(titles)</tr></thead>
            <tbody>
            \(HTML(joining: rows, separator: "\n"))
            </tbody>
            </table></div>
            """
    }
}

extension HTMLTable.Column {
    fileprivate var title: HTML {
        switch self {
        case .text(let title), .number(let title): title
        }
    }

    fileprivate var attribute: HTML {
        switch self {
        case .text: ""
        case .number: " class=\"number\""
        }
    }
}
