// Reads one line of a dataset column by column: the header, or a row; and the columns of each kind
// of dataset (docs.tardis.dev, CSV datasets). Pure.

import Datasets
import Jobs

/// What is wrong with a dataset's text: a stable name, and the rest of a sentence about the file.
struct Flaw: Error, Equatable {
    let code: String
    /// Such as `has 7 columns in line 6 (row 5), not the 8 of its header`.
    let words: String
}

/// Reads lines of one dataset.
struct LineReader {
    let file: DatasetFile
    /// The header's column names; empty before it was read.
    private(set) var columns: [String] = []

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")

    init(of file: DatasetFile) {
        self.file = file
    }

    /// Whether each row names a symbol of its own.
    var isGrouped: Bool { groupedSymbols.contains(file.symbol) }

    /// The position of a row for messages: `line 6 (row 5)`. The header is the first line.
    static func position(ofRow row: Int64) -> String {
        let number = Int(clamping: row)
        return "line \(TextFormat.grouped(number &+ 1)) (row \(TextFormat.grouped(number)))"
    }

    mutating func readHeader(_ line: [UInt8]) throws(Flaw) {
        let names = line.split(separator: Self.comma, omittingEmptySubsequences: false)
        let expected = file.dataType.columns
        guard names.count >= expected.count,
            zip(names, expected).allSatisfy({ $0.elementsEqual($1.utf8) }),
            names.allSatisfy({ !$0.isEmpty && !$0.contains(where: Self.isOdd) })
        else {
            throw Flaw(
                code: "csv_header_wrong",
                words: "does not begin with the columns of \(file.dataType.name), but with "
                    + Self.shown(line.prefix(80)))
        }
        columns = names.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads a row's `local_timestamp`, and makes a pattern of the rows like it.
    ///
    /// - Parameter number: 1 for the first row.
    /// - Throws: what is wrong with it, with its line and column.
    func read(row: [UInt8], number: Int64) throws(Flaw) -> (moment: Timestamp, CSVFastPath?) {
        let position = Self.position(ofRow: number)
        let fields = try fields(of: row, position)
        let exchange = fields[Column.exchange]
        guard exchange.elementsEqual(file.exchange.utf8) else {
            throw Flaw(
                code: "wrong_exchange",
                words: "is of \(Self.shown(exchange)) in \(position), \(column(Column.exchange))")
        }
        let symbol = String(decoding: fields[Column.symbol], as: UTF8.self)
        guard isGrouped || file.isOf(symbol: symbol) else {
            throw Flaw(
                code: code(ofOther: symbol),
                words: "is of \(TextFormat.quoted(symbol)) in \(position), \(column(Column.symbol))"
            )
        }
        let time = fields[Column.localTimestamp]
        guard let moment = Self.timestamp(time) else {
            throw Flaw(
                code: "csv_row_wrong",
                words: "has \(Self.shown(time)) as the time of \(position), "
                    + column(Column.localTimestamp))
        }
        guard moment.day == file.day else {
            throw Flaw(
                code: "wrong_day",
                words: "is of \(moment.day) in \(position), \(column(Column.localTimestamp))")
        }
        return (
            moment,
            CSVFastPath(
                exchange: exchange, symbol: isGrouped ? nil : fields[Column.symbol],
                day: file.day, columns: columns.count)
        )
    }

    /// A row's fields, as many as the header has columns.
    private func fields(of row: [UInt8], _ position: String) throws(Flaw) -> [ArraySlice<UInt8>] {
        var fields = row.split(separator: Self.comma, omittingEmptySubsequences: false)
        if let index = fields.firstIndex(where: { $0.contains(where: Self.isOdd) }) {
            let odd = fields[index].first(where: Self.isOdd)
            guard odd == Self.quote, let unquoted = Self.fields(ofQuoted: row) else {
                throw Flaw(
                    code: "csv_row_wrong",
                    words: "has \(Self.name(of: odd ?? 0)) in \(position), \(column(index))")
            }
            fields = unquoted
        }
        guard fields.count == columns.count else {
            let (count, last) = (fields.count, min(fields.count, columns.count) - 1)
            let behind = count < columns.count ? "nothing" : "more"
            throw Flaw(
                code: "csv_row_wrong",
                words: "has \(TextFormat.counted(count, "column")) in \(position), not the "
                    + "\(columns.count) of its header: \(behind)"
                    + " stands behind \(column(last))")
        }
        return fields
    }

    /// The fields of a row with quotation marks (RFC 4180 §2), marks included; `nil` if one of them
    /// does not enclose a whole field.
    private static func fields(ofQuoted row: [UInt8]) -> [ArraySlice<UInt8>]? {
        guard !row.contains(where: { $0 != quote && isOdd($0) }) else { return nil }
        var fields: [ArraySlice<UInt8>] = []
        var (start, isInside) = (0, false)
        for index in row.indices {
            if row[index] == quote {
                isInside.toggle()
            } else if row[index] == comma, !isInside {
                fields.append(row[start..<index])
                start = index + 1
            }
        }
        fields.append(row[start...])
        let areWhole = fields.allSatisfy { field in
            !field.contains(quote) || field.count > 1 && field.first == quote && field.last == quote
        }
        return isInside || !areWhole ? nil : fields
    }

    /// Such as `column 4 (local_timestamp)`.
    private func column(_ index: Int) -> String {
        guard columns.indices.contains(index) else { return "column \(index + 1)" }
        return "column \(index + 1) (\(columns[index]))"
    }

    private func code(ofOther symbol: String) -> String {
        let hasSameName =
            DatasetFile.symbolInNames(symbol.uppercased())
            == DatasetFile.symbolInNames(file.symbol.uppercased())
        return hasSameName ? CSVValidator.namesakeCode : "wrong_symbol"
    }

    /// Whether no plain field has the character: control characters, and the quotation mark.
    private static func isOdd(_ byte: UInt8) -> Bool { byte < 0x20 || byte == quote }

    private static func name(of odd: UInt8) -> String {
        switch odd {
        case 0: "a NUL byte"
        case UInt8(ascii: "\r"): "a carriage return"
        case quote: "a quotation mark"
        default: "the control character \(odd)"
        }
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

    private static func shown(_ bytes: some Sequence<UInt8>) -> String {
        TextFormat.quoted(String(decoding: Array(bytes.prefix(100)), as: UTF8.self))
    }
}

extension DataType {
    /// The header line's columns, in order. Tardis may add columns at the end.
    var columns: [String] {
        Self.common + ownColumns.split(separator: ",").map(String.init)
    }

    /// The first columns of every kind.
    private static let common = ["exchange", "symbol", "timestamp", "local_timestamp"]

    private var ownColumns: String {
        switch self {
        case .trades, .liquidations:
            "id,side,price,amount"
        case .incrementalBookL2:
            "is_snapshot,side,price,amount"
        case .bookSnapshot5:
            Self.levels(5)
        case .bookSnapshot25:
            Self.levels(25)
        case .quotes, .bookTicker:
            "ask_amount,ask_price,bid_price,bid_amount"
        case .derivativeTicker:
            "funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,"
                + "index_price,mark_price"
        case .optionsChain:
            "type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,bid_iv,"
                + "ask_price,ask_amount,ask_iv,mark_price,mark_iv,underlying_index,"
                + "underlying_price,delta,gamma,vega,theta,rho"
        }
    }

    private static func levels(_ count: Int) -> String {
        (0..<count).map {
            "asks[\($0)].price,asks[\($0)].amount,bids[\($0)].price,bids[\($0)].amount"
        }.joined(separator: ",")
    }
}

/// Indices of the common columns.
enum Column {
    static let exchange = 0
    static let symbol = 1
    static let localTimestamp = 3
}

/// Symbols that stand for all of an exchange's symbols of a kind; each row names its own symbol.
let groupedSymbols: Set<String> = ["SPOT", "FUTURES", "PERPETUALS", "OPTIONS", "COMBOS"]
