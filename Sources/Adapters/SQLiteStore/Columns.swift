// Columns by their names in the schema, and the domain's values as SQLite stores them.

import Datasets
import Jobs
import SQLite

/// The columns that a statement selects, in the order of the cases.
protocol ResultColumn: RawRepresentable<Int32>, CaseIterable {}

extension ResultColumn {
    /// The names of all columns, as a statement selects them.
    static var columnNames: [String] { allCases.map { "\($0)" } }
}

extension Row {
    func text(_ column: some ResultColumn) -> String { text(column.rawValue) }

    func textIfAny(_ column: some ResultColumn) -> String? { textIfAny(column.rawValue) }

    func integer(_ column: some ResultColumn) -> Int64 { integer(column.rawValue) }

    func integerIfAny(_ column: some ResultColumn) -> Int64? { integerIfAny(column.rawValue) }

    func flag(_ column: some ResultColumn) -> Bool { integer(column.rawValue) != 0 }

    /// A number of things, from 0 to 2^53: other programs write the tables too, and sums of what
    /// they wrote must not overflow.
    func count(_ column: Int32) -> Int { Int(min(max(integer(column), 0), 1 << 53)) }

    func count(_ column: some ResultColumn) -> Int { count(column.rawValue) }

    /// A moment in microseconds since 1970.
    func microseconds(_ column: some ResultColumn) -> Timestamp? {
        integerIfAny(column.rawValue).map(Timestamp.init(microseconds:))
    }

    /// A moment as text, also as other writers of the predecessor's table spelled it: with a zone
    /// of zero, or a day alone. `nil` for anything else.
    func moment(_ column: Int32) -> Timestamp? {
        guard let text = textIfAny(column) else { return nil }
        if let moment = Timestamp(text) { return moment }
        if text.hasSuffix("+00:00") { return Timestamp(String(text.dropLast(6))) }
        return Day(text)?.start
    }

    func moment(_ column: some ResultColumn) -> Timestamp? { moment(column.rawValue) }
}

extension Timestamp {
    /// Replaces a moment that cannot be read.
    static let epoch = Timestamp(microseconds: 0)
}

extension SQLValue {
    init(_ id: JobID) { self = .integer(id.rawValue) }

    init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}

extension FileFailure {
    /// The values of ``FileTable/setFailure``.
    var values: [SQLValue] { [.text(code), .text(detail), SQLValue(httpStatus)] }
}

extension DatasetFile {
    /// The values of ``FileTable/isDataset``.
    var values: [SQLValue] {
        [.text(exchange), .text(dataType.name), .text(symbol), .text(day.description)]
    }
}
