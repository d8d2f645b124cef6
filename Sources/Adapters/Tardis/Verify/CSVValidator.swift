// The CSV inside a dataset: its header, how many rows, and whether each has all columns and is of
// the right exchange, symbol and day. Pure; it must not know gzip, files or the network.

import Datasets
import Jobs

/// Reads CSV bytes as they come. The first and the last row are read field by field, and so is
/// every other one that does not look like the first, or has another number of separators.
struct CSVValidator {
    /// Rows without the header line.
    private(set) var rows: Int64 = 0
    private(set) var firstTimestamp: Timestamp?
    private(set) var lastTimestamp: Timestamp?
    /// The first thing found wrong; nothing is looked at after it.
    private(set) var failure: FileFailure?

    private var reader: LineReader
    private var phase = Phase.header
    /// What the rows behind the first should look like.
    private var pattern: CSVFastPath?
    /// The beginning of a line whose end has not come yet.
    private var partial: [UInt8] = []
    /// The last whole row.
    private var lastRow: [UInt8] = []
    /// The gzip member that the last bytes came from, and how much of its beginning is that of a
    /// header; `nil` once it is known to be something else.
    private var member = 0
    private var headerBytesSeen: Int?

    private enum Phase {
        case header, firstRow, further
    }

    /// A row of `book_snapshot_25` has about 2.5 KB; whatever has no line end for so long is no
    /// CSV.
    static let lineBytesMax = 64 * 1024

    /// The file is of another symbol, whose files have the same names.
    static let namesakeCode = "wrong_symbol_of_same_name"

    /// What the header of every kind of dataset begins with, and no part of a row.
    private static let headerStart = Array("exchange,symbol,timestamp,local_timestamp".utf8)

    init(of file: DatasetFile) {
        reader = LineReader(of: file)
    }

    /// Takes the next bytes.
    ///
    /// - Parameter member: the number of the gzip member that they come from. A gzip may have
    ///   several, as one file cut in pieces; but where a further one has a header of its own,
    ///   somebody has put files, or the same file twice, behind each other.
    mutating func take(_ bytes: UnsafeRawBufferPointer, ofMember member: Int = 0) {
        guard failure == nil else { return }
        if member != self.member {
            self.member = member
            // Where nothing but empty members came before, this is the first header.
            headerBytesSeen = phase == .header ? nil : 0
        }
        if headerBytesSeen != nil { lookForHeader(in: bytes) }
        var rest = bytes
        while failure == nil, phase != .further, !rest.isEmpty {
            guard let end = Newlines.first(in: rest) else { return keep(rest) }
            partial.append(contentsOf: rest[..<end])
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
            takeEarlyLine()
        }
        guard failure == nil, !rest.isEmpty else { return }
        takeFurther(rest)
    }

    /// Says that the CSV is complete.
    mutating func finish() {
        guard failure == nil else { return }
        guard partial.isEmpty else {
            // Tardis ends every line: what has no end was cut off, perhaps within its last column.
            let isHeader = phase == .header
            if isHeader { checkHeader(partial) } else { rows += 1 }
            if !isHeader { _ = check(partial) }
            let place = isHeader ? "line 1" : LineReader.place(ofRow: rows)
            return refuse(
                Flaw(code: "csv_row_wrong", words: "ends in the middle of \(place)"))
        }
        if rows > 0 { lastTimestamp = check(lastRow) }
    }

    private mutating func takeEarlyLine() {
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

    /// The way of nearly all bytes: look at each row's beginning, count it, remember the last one.
    private mutating func takeFurther(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        if !partial.isEmpty {
            guard let end = Newlines.first(in: rest) else { return keep(rest) }
            keep(UnsafeRawBufferPointer(rebasing: rest[..<end]))
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
        keep(UnsafeRawBufferPointer(rebasing: rest[end...]))
    }

    /// Takes whole rows.
    ///
    /// - Returns: where what has no line end begins.
    private mutating func takeWhole(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        let end = start + bytes.count
        var next = start
        var last = UnsafeRawBufferPointer(start: start, count: 0)
        while true {
            if let run = pattern?.run(from: next, to: end), run.count > 0 {
                rows += run.count
                (last, next) = (run.last, run.next)
            }
            guard let lineEnd = Newlines.first(from: next, to: end) else { break }
            rows += 1
            last = UnsafeRawBufferPointer(start: next, count: lineEnd - next)
            lookCloser(at: last)
            if failure != nil { break }
            next = lineEnd + 1
        }
        if next != start {
            lastRow.removeAll(keepingCapacity: true)
            lastRow.append(contentsOf: last)
        }
        return next - start
    }

    /// Reads a row field by field, the one that was counted last; what is right about it may be
    /// right about all that follow.
    private mutating func lookCloser(at row: UnsafeRawBufferPointer) {
        guard row.count <= Self.lineBytesMax else { return refuseLine(rows) }
        _ = check(Array(row))
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
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
                    + LineReader.place(ofRow: number)))
    }

    private mutating func lookForHeader(in bytes: UnsafeRawBufferPointer) {
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
                        + LineReader.place(ofRow: rows)))
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

    /// Reads the row that was counted last, and learns what the next ones should look like.
    private mutating func check(_ row: [UInt8]) -> Timestamp? {
        do throws(Flaw) {
            let (moment, pattern) = try reader.read(row: row, number: rows)
            self.pattern = pattern
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
