// Recognises the rows of one dataset by their common beginning and their number of columns, without
// reading field by field: a file has millions of them.

import Datasets
import Glibc

/// The beginning of a row of one exchange, symbol and day: `bitmex,XBTUSD,` and two times of 16
/// digits, as microseconds have them from 2001 to 2286, the second of them in the day; and as many
/// columns behind them as the header has.
///
/// A row that does not match may still be right: it is then read field by field.
struct CSVFastPath {
    /// Exchange and symbol with their commas; only the exchange if symbols differ.
    private let prefix: Beginning
    private let hasOneSymbol: Bool
    private let day: HundredSeconds
    /// Separators in a row after its times; after its exchange if symbols differ.
    private let separators: Int

    private static let comma = UInt8(ascii: ",")
    /// Two times, each with the comma after it.
    private static let timesBytes = 34
    /// Offset of the first of the two commas.
    private static let firstComma = 16

    /// - Parameters:
    ///   - exchange: as the rows spell it.
    ///   - symbol: as the rows spell it; `nil` if each has its own.
    ///   - columns: how many a row has.
    /// - Returns: `nil` for a day whose moments have another number of digits.
    init?(
        exchange: some Collection<UInt8>, symbol: (some Collection<UInt8>)?, day: Day, columns: Int
    ) {
        let comma = CSVFastPath.comma
        prefix = Beginning(Array(exchange) + [comma] + (symbol.map { Array($0) + [comma] } ?? []))
        hasOneSymbol = symbol != nil
        // Four columns with their separators precede, or one.
        separators = columns - 1 - (symbol != nil ? 4 : 1)
        guard let day = HundredSeconds(of: day) else { return nil }
        self.day = day
    }

    /// Consecutive rows that match.
    struct Run {
        var count: Int64 = 0
        /// The last of them, without its line end; empty if there is none.
        var last: UnsafeRawBufferPointer
        /// The first row after them.
        var next: UnsafeRawPointer
    }

    /// The matching rows between two addresses, up to the first that does not match.
    func run(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> Run {
        let shortest = prefix.count &+ CSVFastPath.timesBytes
        var (count, last, next) = (Int64(0), start, start)
        while end - next > shortest, prefix.isBeginning(of: next),
            let times = times(in: next, before: end), hasTimes(times),
            let lineEnd = Newlines.first(from: times + CSVFastPath.timesBytes, to: end),
            let found = Separators.count(
                from: hasOneSymbol ? times + CSVFastPath.timesBytes : next + prefix.count,
                to: lineEnd),
            found == separators
        {
            count &+= 1
            (last, next) = (next, lineEnd + 1)
        }
        let lastCount = max(0, next - last - 1)
        return Run(
            count: count, last: UnsafeRawBufferPointer(start: last, count: lastCount), next: next)
    }

    /// Where the times begin in a row with the right beginning.
    @inline(__always)
    private func times(
        in row: UnsafeRawPointer, before end: UnsafeRawPointer
    ) -> UnsafeRawPointer? {
        let afterPrefix = row + prefix.count
        return hasOneSymbol ? afterPrefix : timesAfterSymbol(afterPrefix, before: end)
    }

    private func timesAfterSymbol(
        _ symbol: UnsafeRawPointer, before end: UnsafeRawPointer
    ) -> UnsafeRawPointer? {
        let comma = memchr(symbol, Int32(CSVFastPath.comma), end - symbol)
        guard let comma = UnsafeRawPointer(comma), end - comma > CSVFastPath.timesBytes + 1,
            Newlines.first(from: symbol, to: comma) == nil
        else { return nil }
        return comma + 1
    }

    /// - Parameter text: of ``timesBytes`` at least.
    @inline(__always)
    private func hasTimes(_ text: UnsafeRawPointer) -> Bool {
        let second = text + (CSVFastPath.firstComma + 1)
        let (high, low) = (Digits(second), Digits(second + 8))
        let oddities =
            Digits(text).oddities | Digits(text + 8).oddities | high.oddities | low.oddities
        return oddities & Digits.oddBits == 0 && day.contains(high)
            && text.load(fromByteOffset: CSVFastPath.firstComma, as: UInt8.self)
                == CSVFastPath.comma
            && text.load(fromByteOffset: CSVFastPath.timesBytes - 1, as: UInt8.self)
                == CSVFastPath.comma
    }
}

/// Bytes that are compared with the beginnings of millions of rows: the first 32 as four numbers,
/// which is faster than a call of memcmp.
private struct Beginning {
    let count: Int
    private let words: (UInt64, UInt64, UInt64, UInt64)
    /// The bytes of each word that count.
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
        let remainder = UnsafeRawBufferPointer(
            start: text + Beginning.wordsBytes, count: rest.count)
        return remainder.elementsEqual(rest)
    }
}

/// Eight characters as a number.
private struct Digits {
    /// In memory order.
    private let bytes: UInt64

    init(_ text: UnsafeRawPointer) {
        bytes = text.loadUnaligned(as: UInt64.self)
    }

    /// Compares like the texts.
    var inOrder: UInt64 { UInt64(bigEndian: bytes) }

    /// Has no bit of ``oddBits`` where all eight are from 0x30 to 0x39: without the 3, the upper
    /// halves are zero, and stay zero when 6 is added to each. Several can be combined by `|`.
    var oddities: UInt64 {
        let values = bytes ^ 0x3030_3030_3030_3030
        return values | (values &+ 0x0606_0606_0606_0606)
    }

    static let oddBits: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
}

/// A day as the first eight of the sixteen digits of its moments: hundreds of seconds, of which a
/// day has 864. The other eight may be any.
private struct HundredSeconds {
    private let first: UInt64
    private let last: UInt64

    /// - Returns: `nil` for a day whose moments do not have sixteen digits.
    init?(of day: Day) {
        let end = day.advanced(by: 1).start.microseconds
        let texts = [day.start.microseconds, end - 1].map { Array(String($0).utf8) }
        guard texts.allSatisfy({ $0.count == 16 }) else { return nil }
        first = texts[0].withUnsafeBytes { Digits($0.baseAddress!).inOrder }
        last = texts[1].withUnsafeBytes { Digits($0.baseAddress!).inOrder }
    }

    @inline(__always)
    func contains(_ digits: Digits) -> Bool {
        first <= digits.inOrder && digits.inOrder <= last
    }
}
