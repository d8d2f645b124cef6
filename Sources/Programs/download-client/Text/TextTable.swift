// Columns of text under headings. It must not know what the cells mean.

/// A table for a terminal or a pipe: columns as wide as their widest cell, where there is room.
struct TextTable {
    /// On which side of its column a cell stands.
    enum Alignment {
        case left
        case right
    }

    /// What becomes of a column that is wider than there is room for.
    enum Narrowing {
        /// It stays as it is.
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
    struct Column {
        var heading: String
        var alignment = Alignment.left
        /// The column of the lowest rank is left out first where the table is too wide.
        var rank: Int
        var narrowing = Narrowing.none

        init(
            _ heading: String, _ alignment: Alignment = .left, rank: Int,
            _ narrowing: Narrowing = .none
        ) {
            self.heading = heading
            self.alignment = alignment
            self.rank = rank
            self.narrowing = narrowing
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds one row: a cell for each column.
    mutating func append(_ cells: [String]) {
        let missing = max(columns.count - cells.count, 0)
        rows.append(cells + Array(repeating: "", count: missing))
    }

    /// The lines of the table, headings first, without blanks at their ends, and, where columns had
    /// to be left out, a line that names them.
    ///
    /// - Parameter width: the display columns that there are; `nil` where all of the text is
    ///   wanted.
    func lines(fitting width: Int?) -> [String] {
        var shown = Array(columns.indices)
        while true {
            if let layout = layout(of: shown, fitting: width ?? .max) {
                return lines(shown, layout) + leftOut(shown)
            }
            guard shown.count > 1,
                let least = shown.min(by: { columns[$0].rank < columns[$1].rank })
            else { return lines(shown, Layout(gap: 1, widths: [max(width ?? 1, 1)])) }
            shown.removeAll { $0 == least }
        }
    }

    private struct Layout {
        var gap: Int
        var widths: [Int]
    }

    /// Two blanks between columns, or one, or narrower columns; `nil` where even that is too wide.
    private func layout(of shown: [Int], fitting width: Int) -> Layout? {
        var widths = shown.map(naturalWidth)
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

    private func naturalWidth(_ column: Int) -> Int {
        rows.reduce(DisplayWidth.of(columns[column].heading)) {
            max($0, DisplayWidth.of($1[column]))
        }
    }

    private func lines(_ shown: [Int], _ layout: Layout) -> [String] {
        let gap = String(repeating: " ", count: layout.gap)
        return ([columns.map(\.heading)] + rows).map { cells in
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
        switch column.alignment {
        case .left: return DisplayWidth.padded(text, to: width)
        case .right:
            return String(repeating: " ", count: max(width - DisplayWidth.of(text), 0)) + text
        }
    }
}
