// The CSV inside a dataset: its header, how many rows, and whether each is of the right exchange,
// symbol and day. Pure; it must not know gzip, files or the network.

import Datasets
import Jobs

/// Reads CSV bytes as they come. The first and the last row are read field by field, and so is
/// every other one that does not look like the first.
struct RowCheck {
    /// Rows without the header line.
    private(set) var rows: Int64 = 0
    private(set) var firstTimestamp: Timestamp?
    private(set) var lastTimestamp: Timestamp?
    /// The first thing found wrong; nothing is looked at after it.
    private(set) var failure: FileFailure?

    private let file: DatasetFile
    private var phase = Phase.header
    private var columnCount = 0
    /// What the rows behind the first should look like.
    private var pattern: RowPattern?
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
        self.file = file
    }

    /// Takes the next bytes.
    ///
    /// - Parameter member: the number of the gzip member that they come from. A gzip may have
    ///   several, as one file cut in pieces; but where a further one has a header of its own,
    ///   somebody has put files, or the same file twice, behind each other.
    mutating func take(_ bytes: UnsafeRawBufferPointer, ofMember member: Int = 0) {
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
        if !partial.isEmpty {
            // The last line end may be missing; a row that was cut off may not.
            let row = partial
            partial = []
            switch phase {
            case .header: checkHeader(row)
            case .firstRow, .further:
                rows += 1
                if phase == .firstRow { firstTimestamp = check(row, "its first row") }
                lastRow = row
            }
        }
        guard failure == nil, rows > 0 else { return }
        lastTimestamp = check(lastRow, "its last row")
    }

    private mutating func takeEarlyLine() {
        defer { partial.removeAll(keepingCapacity: true) }
        if phase == .header {
            checkHeader(partial)
            phase = .firstRow
        } else {
            rows = 1
            firstTimestamp = check(partial, "its first row")
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
        guard row.count <= Self.lineBytesMax else { return refuseLine() }
        _ = check(Array(row), "row \(Wording.grouped(Int(rows)))")
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        guard partial.count + bytes.count <= Self.lineBytesMax else {
            return refuseLine()
        }
        partial.append(contentsOf: bytes)
    }

    private mutating func refuseLine() {
        refuse("csv_row_wrong", "has a line of more than \(Self.lineBytesMax) bytes")
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
            refuse("csv_repeated", "begins again in its middle, with a second header")
        }
    }

    // MARK: Lines

    private mutating func checkHeader(_ line: [UInt8]) {
        let columns = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        columnCount = columns.count
        let expected = file.dataType.columns
        guard columns.count >= expected.count,
            zip(columns, expected).allSatisfy({ $0.elementsEqual($1.utf8) })
        else {
            refuse(
                "csv_header_wrong",
                "does not begin with the columns of \(file.dataType.name), but with "
                    + shown(line.prefix(80)))
            return
        }
    }

    /// Checks a row and reads its `local_timestamp`; the next ones should look like it.
    ///
    /// - Parameter which: such as `its first row`.
    private mutating func check(_ row: [UInt8], _ which: String) -> Timestamp? {
        let fields = row.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard fields.count == columnCount else {
            refuse(
                "csv_row_wrong",
                "has \(fields.count) fields in \(which), not the "
                    + "\(columnCount) of its header")
            return nil
        }
        guard fields[Column.exchange].elementsEqual(file.exchange.utf8) else {
            refuse(
                "wrong_exchange",
                "is of \(shown(fields[Column.exchange])) in \(which)")
            return nil
        }
        let symbol = String(decoding: fields[Column.symbol], as: UTF8.self)
        guard groupedSymbols.contains(file.symbol) || file.isOf(symbol: symbol) else {
            refuse(code(ofOther: symbol), "is of \(shown(fields[Column.symbol])) in \(which)")
            return nil
        }
        guard let moment = Self.timestamp(fields[Column.localTimestamp]) else {
            refuse(
                "csv_row_wrong",
                "has \(shown(fields[Column.localTimestamp])) as the time of \(which)")
            return nil
        }
        guard moment.day == file.day else {
            refuse("wrong_day", "is of \(moment.day) in \(which)")
            return nil
        }
        pattern = RowPattern(
            exchange: fields[Column.exchange],
            symbol: groupedSymbols.contains(file.symbol) ? nil : fields[Column.symbol],
            day: file.day)
        return moment
    }

    private func code(ofOther symbol: String) -> String {
        let hasSameName =
            DatasetFile.symbolInNames(symbol.uppercased())
            == DatasetFile.symbolInNames(file.symbol.uppercased())
        return hasSameName ? RowCheck.namesakeCode : "wrong_symbol"
    }

    /// Microseconds since 1970: decimal digits only.
    private static func timestamp(_ field: ArraySlice<UInt8>) -> Timestamp? {
        guard (1...18).contains(field.count) else { return nil }
        var value: Int64 = 0
        for byte in field {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return Timestamp(microseconds: value)
    }

    private mutating func refuse(_ code: String, _ flaw: String) {
        guard failure == nil else { return }
        failure = FileFailure(
            code: code, detail: "What Tardis sent for \(file.name) \(flaw).")
    }

    private func shown(_ bytes: some Sequence<UInt8>) -> String {
        Wording.quoted(String(decoding: Array(bytes.prefix(100)), as: UTF8.self))
    }
}
