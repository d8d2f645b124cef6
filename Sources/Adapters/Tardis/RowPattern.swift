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
    private let prefix: Beginning
    private let hasOneSymbol: Bool
    private let first: Digits
    private let last: Digits

    /// Bytes of two times and the commas behind them: what ``Beginning`` reads is there, too.
    private static let timesBytes = 34

    /// - Parameters:
    ///   - exchange: as the rows spell it.
    ///   - symbol: as the rows spell it; `nil` where each has its own.
    /// - Returns: `nil` for a day whose moments have another number of digits.
    init?(exchange: some Collection<UInt8>, symbol: (some Collection<UInt8>)?, day: Day) {
        let comma = UInt8(ascii: ",")
        prefix = Beginning(Array(exchange) + [comma] + (symbol.map { Array($0) + [comma] } ?? []))
        hasOneSymbol = symbol != nil
        let end = day.advanced(by: 1).start.microseconds
        guard let first = Digits(day.start.microseconds), let last = Digits(end - 1) else {
            return nil
        }
        (self.first, self.last) = (first, last)
    }

    /// Whether a row, without its line end, is of the exchange, the symbol and the day.
    @inline(__always)
    func fits(_ row: UnsafeRawPointer, count: Int) -> Bool {
        let shortest = prefix.count &+ RowPattern.timesBytes
        guard count >= shortest, count <= RowCheck.lineBytesMax, prefix.isBeginning(of: row) else {
            return false
        }
        return hasOneSymbol ? hasTimes(row + prefix.count) : hasTimesBehindSymbol(row, count: count)
    }

    private func hasTimesBehindSymbol(_ row: UnsafeRawPointer, count: Int) -> Bool {
        let symbol = row + prefix.count
        let comma = memchr(symbol, Int32(UInt8(ascii: ",")), count - prefix.count)
        guard let comma = UnsafeRawPointer(comma) else { return false }
        let times = comma + 1
        return count - (times - row) >= RowPattern.timesBytes && hasTimes(times)
    }

    /// - Parameter text: of ``timesBytes`` at least.
    @inline(__always)
    private func hasTimes(_ text: UnsafeRawPointer) -> Bool {
        let comma = UInt8(ascii: ",")
        guard text.load(fromByteOffset: 16, as: UInt8.self) == comma,
            text.load(fromByteOffset: 33, as: UInt8.self) == comma
        else { return false }
        let moment = Digits(text + 17)
        return moment.areDigits && first <= moment && moment <= last
    }
}

/// Bytes to be compared with the beginnings of millions of rows: the first 32 as four numbers, for
/// calling memcmp takes longer than that.
private struct Beginning {
    let count: Int
    private let words: (UInt64, UInt64, UInt64, UInt64)
    /// Of each word the bytes that count.
    private let masks: (UInt64, UInt64, UInt64, UInt64)
    private let rest: [UInt8]

    private static let wordsBytes = 32

    init(_ bytes: [UInt8]) {
        count = bytes.count
        rest = Array(bytes.dropFirst(Beginning.wordsBytes))
        words = Beginning.words(bytes)
        masks = Beginning.words(bytes.map { _ in 0xFF })
    }

    private static func words(_ bytes: [UInt8]) -> (UInt64, UInt64, UInt64, UInt64) {
        let padded = bytes.prefix(wordsBytes) + Array(repeating: 0, count: wordsBytes)
        return padded.withUnsafeBytes {
            $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
        }
    }

    /// - Parameter text: of ``count`` bytes at least, and of 32.
    func isBeginning(of text: UnsafeRawPointer) -> Bool {
        let other = text.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
        let difference =
            (other.0 ^ words.0) & masks.0 | (other.1 ^ words.1) & masks.1
            | (other.2 ^ words.2) & masks.2 | (other.3 ^ words.3) & masks.3
        guard difference == 0 else { return false }
        if rest.isEmpty { return true }
        let behind = UnsafeRawBufferPointer(start: text + Beginning.wordsBytes, count: rest.count)
        return behind.elementsEqual(rest)
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
