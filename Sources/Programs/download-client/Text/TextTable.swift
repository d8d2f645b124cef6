// Columns of text under headings, for a terminal or a pipe.

/// A table of rows: columns as wide as their widest cell, where there is room. Cells may hold text
/// of the service: what a terminal would obey becomes visible.
struct TextTable<Row>: Sendable {
    /// The side of its column at which a cell stands.
    enum Alignment: Sendable {
        case left
        case right
    }

    /// How a column that is wider than the terminal allows is cut.
    enum Narrowing: Sendable {
        /// It keeps its width.
        case none
        /// The ends of its cells are cut off, down to so many display columns.
        case end(least: Int)
        /// The beginnings are cut off: the ends tell the cells apart.
        case beginning(least: Int)

        fileprivate var least: Int? {
            switch self {
            case .none: nil
            case .end(let least), .beginning(let least): least
            }
        }
    }

    /// One column.
    struct Column: Sendable {
        let heading: String
        let alignment: Alignment
        /// The column of the lowest rank is left out first where the table is too wide.
        let rank: Int
        let narrowing: Narrowing
        let cell: @Sendable (Row) -> String

        init(
            _ heading: String, _ alignment: Alignment = .left, rank: Int,
            _ narrowing: Narrowing = .none, cell: @escaping @Sendable (Row) -> String
        ) {
            self.heading = heading
            self.alignment = alignment
            self.rank = rank
            self.narrowing = narrowing
            self.cell = cell
        }
    }

    private struct Layout {
        var gap: Int
        var widths: [Int]
    }

    private let columns: [Column]

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// The lines of the table, headings first, without blanks at their ends, and, where columns had
    /// to be left out, a line that names them.
    ///
    /// - Parameter width: the display columns of the terminal; `nil` for the whole text.
    func lines(_ rows: [Row], fitting width: Int?) -> [String] {
        let cells =
            [columns.map(\.heading)]
            + rows.map { row in columns.map { TerminalSafeText.line($0.cell(row)) } }
        var shown = Array(columns.indices)
        while true {
            if let layout = layout(of: shown, cells, fitting: width ?? .max) {
                return lines(of: cells, shown, layout) + leftOut(shown)
            }
            guard shown.count > 1,
                let least = shown.min(by: { columns[$0].rank < columns[$1].rank })
            else { return lines(of: cells, shown, Layout(gap: 1, widths: [max(width ?? 1, 1)])) }
            shown.removeAll { $0 == least }
        }
    }

    /// Two blanks between columns, or one, or narrower columns; `nil` where even that is too wide.
    private func layout(of shown: [Int], _ cells: [[String]], fitting width: Int) -> Layout? {
        var widths = shown.map { column in
            cells.reduce(0) { max($0, DisplayWidth.of($1[column])) }
        }
        let sum = widths.reduce(0, +)
        let gaps = shown.count - 1
        if sum + 2 * gaps <= width { return Layout(gap: 2, widths: widths) }
        var excess = sum + gaps - width
        while excess > 0 {
            let wider = shown.indices.filter { index in
                columns[shown[index]].narrowing.least.map { widths[index] > $0 } ?? false
            }
            guard let widest = wider.max(by: { widths[$0] < widths[$1] }) else { return nil }
            widths[widest] -= 1
            excess -= 1
        }
        return Layout(gap: 1, widths: widths)
    }

    private func lines(of cells: [[String]], _ shown: [Int], _ layout: Layout) -> [String] {
        let gap = String(repeating: " ", count: layout.gap)
        return cells.map { cells in
            let line = zip(shown, layout.widths).map { column, width in
                fitted(cells[column], to: width, columns[column])
            }.joined(separator: gap)
            return String(line.reversed().drop(while: { $0 == " " }).reversed())
        }
    }

    private func leftOut(_ shown: [Int]) -> [String] {
        let names = columns.indices.filter { !shown.contains($0) }.map { columns[$0].heading }
        return names.isEmpty ? [] : ["Left out for lack of room: \(names.joined(separator: ", "))"]
    }

    private func fitted(_ cell: String, to width: Int, _ column: Column) -> String {
        let text =
            if case .beginning = column.narrowing {
                String(DisplayWidth.truncated(String(cell.reversed()), to: width).reversed())
            } else {
                DisplayWidth.truncated(cell, to: width)
            }
        let blanks = String(repeating: " ", count: max(width - DisplayWidth.of(text), 0))
        return column.alignment == .left ? text + blanks : blanks + text
    }
}
