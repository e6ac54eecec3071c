/// Rows of text in aligned columns, two spaces apart.
struct TextTable {
    enum Column {
        case left(String)
        case right(String)
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// The titles and the rows, one a line.
    var text: String {
        let titles = columns.map { column in
            switch column {
            case .left(let title), .right(let title): title
            }
        }
        let lines = [titles] + rows
        let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line(zip($0, widths)) }.joined(separator: "\n")
    }

    private func line(_ cells: some Sequence<(String, Int)>) -> String {
        let padded = zip(columns, cells).map { column, cell in
            let space = String(repeating: " ", count: cell.1 - cell.0.count)
            return switch column {
            case .left: cell.0 + space
            case .right: space + cell.0
            }
        }
        let line = padded.joined(separator: "  ")
        return String(
            line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
    }
}
