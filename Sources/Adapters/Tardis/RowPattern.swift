// What all rows of one dataset have in common, recognised at a glance: there are millions of them.
// It must not know what is wrong with a row that does not look like that.

import Datasets
import Glibc

/// The beginning of a row of one exchange, symbol and day: `bitmex,XBTUSD,` and two times of 16
/// digits, as microseconds have them from 2001 to 2286, the second of them in the day.
///
/// A row that does not fit need not be wrong: it is to be looked at more closely.
struct RowPattern {
    /// Exchange and symbol with their commas; only the exchange where symbols differ.
    private let prefix: [UInt8]
    private let hasOneSymbol: Bool
    private let first: Digits
    private let last: Digits

    /// Bytes of two times and the commas behind them.
    private static let timesBytes = 34

    /// - Parameters:
    ///   - exchange: as the rows spell it.
    ///   - symbol: as the rows spell it; `nil` where each has its own.
    /// - Returns: `nil` for a day whose moments have another number of digits.
    init?(exchange: some Collection<UInt8>, symbol: (some Collection<UInt8>)?, day: Day) {
        let comma = UInt8(ascii: ",")
        prefix = Array(exchange) + [comma] + (symbol.map { Array($0) + [comma] } ?? [])
        hasOneSymbol = symbol != nil
        let end = day.advanced(by: 1).start.microseconds
        guard let first = Digits(day.start.microseconds), let last = Digits(end - 1) else {
            return nil
        }
        (self.first, self.last) = (first, last)
    }

    /// Whether a row, without its line end, is of the exchange, the symbol and the day.
    func fits(_ row: UnsafeRawPointer, count: Int) -> Bool {
        var times = prefix.count
        guard count >= times + RowPattern.timesBytes, count <= RowCheck.lineBytesMax else {
            return false
        }
        guard prefix.withUnsafeBytes({ memcmp(row, $0.baseAddress!, $0.count) == 0 }) else {
            return false
        }
        if !hasOneSymbol {
            let symbol = row + times
            guard let comma = memchr(symbol, Int32(UInt8(ascii: ",")), count - times) else {
                return false
            }
            times += UnsafeRawPointer(comma) - symbol + 1
            guard count >= times + RowPattern.timesBytes else { return false }
        }
        guard row.load(fromByteOffset: times + 16, as: UInt8.self) == UInt8(ascii: ","),
            row.load(fromByteOffset: times + 33, as: UInt8.self) == UInt8(ascii: ",")
        else { return false }
        let moment = Digits(row + times + 17)
        return moment.areDigits && first <= moment && moment <= last
    }
}

/// Sixteen characters as two numbers that are in the same order as the texts.
private struct Digits {
    private let high: UInt64
    private let low: UInt64

    init(_ text: UnsafeRawPointer) {
        high = UInt64(bigEndian: text.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: text.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// - Returns: `nil` for a number that has not sixteen digits.
    init?(_ number: Int64) {
        let text = Array(String(number).utf8)
        guard text.count == 16 else { return nil }
        self = text.withUnsafeBytes { Digits($0.baseAddress!) }
    }

    var areDigits: Bool { Digits.areDigits(high) && Digits.areDigits(low) }

    static func <= (left: Digits, right: Digits) -> Bool {
        left.high < right.high || (left.high == right.high && left.low <= right.low)
    }

    /// Whether all eight bytes are from 0x30 to 0x39: the upper halves are 3, and stay so when 6 is
    /// added to each.
    private static func areDigits(_ bytes: UInt64) -> Bool {
        let halves: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
        let threes: UInt64 = 0x3030_3030_3030_3030
        return bytes & halves == threes && (bytes &+ 0x0606_0606_0606_0606) & halves == threes
    }
}
