// Validates the CSV inside a dataset: its header, and whether each row has all columns and is of
// the right exchange, symbol and day; counts the rows. Pure.

import Datasets
import Jobs

/// Reads CSV bytes as they arrive. The first and the last row are read field by field, and so is
/// every other row that ``CSVFastPath`` does not match.
struct CSVValidator {
    /// Rows without the header line.
    private(set) var rows: Int64 = 0
    private(set) var firstTimestamp: Timestamp?
    private(set) var lastTimestamp: Timestamp?
    /// The first failure; no bytes are read after it.
    private(set) var failure: FileFailure?

    private var reader: LineReader
    private var phase = Phase.header
    /// Matches the rows after the last one that was read field by field.
    private var fastPath: CSVFastPath?
    /// The beginning of a line whose end has not arrived yet.
    private var partial: [UInt8] = []
    /// The last whole row.
    private var lastRow: [UInt8] = []
    /// The gzip member that the last bytes came from, and how many of its first bytes match a
    /// header; `nil` once they do not.
    private var member = 0
    private var headerBytesSeen: Int?

    private enum Phase {
        case header, firstRow, further
    }

    /// A row of `book_snapshot_25` has about 2.5 KB; a much longer line is no CSV.
    static let lineBytesMax = 64 * 1024

    /// The file is of another symbol, whose files have the same names.
    static let namesakeCode = "wrong_symbol_of_same_name"

    /// Every dataset's header begins with this, and no row does.
    private static let headerStart = Array("exchange,symbol,timestamp,local_timestamp".utf8)

    init(of file: DatasetFile) {
        reader = LineReader(of: file)
    }

    /// Takes the next bytes.
    ///
    /// - Parameter member: the number of the gzip member that they come from. A gzip may consist of
    ///   several, as one file in pieces; but if a later one begins with a header, several files, or
    ///   the same one twice, were concatenated.
    mutating func take(_ bytes: UnsafeRawBufferPointer, ofMember member: Int = 0) {
        guard failure == nil else { return }
        if member != self.member {
            self.member = member
            // After empty members only, this is the first header.
            headerBytesSeen = phase == .header ? nil : 0
        }
        if headerBytesSeen != nil { refuseHeader(in: bytes) }
        var rest = bytes
        while failure == nil, phase != .further, !rest.isEmpty {
            guard let end = Newlines.first(in: rest) else { return append(rest) }
            partial.append(contentsOf: rest[..<end])
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
            takeFirstLine()
        }
        guard failure == nil, !rest.isEmpty else { return }
        takeFurther(rest)
    }

    /// Validates the end of the CSV.
    mutating func finish() {
        guard failure == nil else { return }
        guard partial.isEmpty else {
            // Tardis ends every line: one without an end was cut off, perhaps in its last column.
            let isHeader = phase == .header
            if isHeader { checkHeader(partial) } else { rows += 1 }
            if !isHeader { _ = check(partial) }
            let position = isHeader ? "line 1" : LineReader.position(ofRow: rows)
            return refuse(
                Flaw(code: "csv_row_wrong", words: "ends in the middle of \(position)"))
        }
        if rows > 0 { lastTimestamp = check(lastRow) }
    }

    private mutating func takeFirstLine() {
        defer { partial.removeAll(keepingCapacity: true) }
        if phase == .header {
            checkHeader(partial)
            phase = .firstRow
        } else {
            rows = 1
            firstTimestamp = check(partial)
            lastRow = partial
            phase = .further
        }
    }

    /// The path of nearly all bytes: rows after the first.
    private mutating func takeFurther(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        if !partial.isEmpty {
            guard let end = Newlines.first(in: rest) else { return append(rest) }
            append(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            guard failure == nil else { return }
            var row: [UInt8] = []
            swap(&row, &partial)
            row.append(Newlines.lineFeed)
            row.withUnsafeBytes { _ = takeWhole($0) }
            guard failure == nil else { return }
            row.removeAll(keepingCapacity: true)
            swap(&row, &partial)
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        let end = takeWhole(rest)
        guard failure == nil, end < rest.count else { return }
        append(UnsafeRawBufferPointer(rebasing: rest[end...]))
    }

    /// Takes whole rows.
    ///
    /// - Returns: the offset of the incomplete row at the end.
    private mutating func takeWhole(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        let end = start + bytes.count
        var next = start
        var last = UnsafeRawBufferPointer(start: start, count: 0)
        while true {
            if let run = fastPath?.run(from: next, to: end), run.count > 0 {
                rows += run.count
                (last, next) = (run.last, run.next)
            }
            guard let lineEnd = Newlines.first(from: next, to: end) else { break }
            rows += 1
            last = UnsafeRawBufferPointer(start: next, count: lineEnd - next)
            checkRow(last)
            if failure != nil { break }
            next = lineEnd + 1
        }
        if next != start {
            lastRow.removeAll(keepingCapacity: true)
            lastRow.append(contentsOf: last)
        }
        return next - start
    }

    /// Reads the row that was counted last field by field, unless it is too long.
    private mutating func checkRow(_ row: UnsafeRawBufferPointer) {
        guard row.count <= Self.lineBytesMax else { return refuseLine(rows) }
        _ = check(Array(row))
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard partial.count + bytes.count <= Self.lineBytesMax else {
            return refuseLine(phase == .header ? 0 : rows + 1)
        }
        partial.append(contentsOf: bytes)
    }

    /// - Parameter number: of the row; 0 for the header.
    private mutating func refuseLine(_ number: Int64) {
        refuse(
            Flaw(
                code: "csv_row_wrong",
                words: "has more than \(Self.lineBytesMax) bytes in "
                    + LineReader.position(ofRow: number)))
    }

    private mutating func refuseHeader(in bytes: UnsafeRawBufferPointer) {
        guard let seen = headerBytesSeen else { return }
        let expected = Self.headerStart[seen...].prefix(bytes.count)
        guard bytes.starts(with: expected) else {
            headerBytesSeen = nil
            return
        }
        headerBytesSeen = seen + expected.count
        if headerBytesSeen == Self.headerStart.count {
            refuse(
                Flaw(
                    code: "csv_repeated",
                    words: "begins again in its middle, with a second header behind "
                        + LineReader.position(ofRow: rows)))
        }
    }

    // MARK: Lines

    private mutating func checkHeader(_ line: [UInt8]) {
        do throws(Flaw) {
            try reader.readHeader(line)
        } catch {
            refuse(error)
        }
    }

    /// Reads the row that was counted last field by field, and matches the next ones by it.
    private mutating func check(_ row: [UInt8]) -> Timestamp? {
        do throws(Flaw) {
            let (moment, fastPath) = try reader.read(row: row, number: rows)
            self.fastPath = fastPath
            return moment
        } catch {
            refuse(error)
            return nil
        }
    }

    private mutating func refuse(_ flaw: Flaw) {
        guard failure == nil else { return }
        failure = FileFailure(
            code: flaw.code, detail: "What Tardis sent for \(reader.file.name) \(flaw.words).")
    }
}
