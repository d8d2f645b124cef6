// Columns of text under headings. It must not know what the cells mean.

/// A table for a terminal or a pipe: columns as wide as their widest cell, two blanks between.
struct TextTable {
    /// On which side of its column a cell stands.
    enum Alignment {
        case left
        case right
    }

    private let headings: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ columns: [(heading: String, alignment: Alignment)]) {
        headings = columns.map(\.heading)
        alignments = columns.map(\.alignment)
    }

    /// Adds one row: a cell for each column.
    mutating func append(_ cells: [String]) {
        precondition(cells.count == headings.count, "a row has a cell for each column")
        rows.append(cells)
    }

    /// The lines of the table, headings first, without blanks at their ends.
    var lines: [String] {
        let widths = headings.indices.map { column in
            ([headings] + rows).map { DisplayWidth.of($0[column]) }.max() ?? 0
        }
        return ([headings] + rows).map { cells in
            let line = cells.indices.map { column in
                aligned(cells[column], to: widths[column], alignments[column])
            }.joined(separator: "  ")
            return String(line.reversed().drop(while: { $0 == " " }).reversed())
        }
    }

    private func aligned(_ cell: String, to width: Int, _ alignment: Alignment) -> String {
        switch alignment {
        case .left: return DisplayWidth.padded(cell, to: width)
        case .right:
            return String(repeating: " ", count: max(width - DisplayWidth.of(cell), 0)) + cell
        }
    }
}
