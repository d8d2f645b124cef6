// The time at the beginning of a log line. It must not read a clock.

import Bytes
import Datasets

/// Writes moments as ``Timestamp/iso8601`` does; what is the same for all of one second is made
/// once.
struct MomentText {
    private static let microsecondsPerSecond: Int64 = 1_000_000

    private var second: Int64?
    /// `2025-11-13T10:20:30.`
    private var text: [UInt8] = []

    /// Writes a moment; there must be room for ``Timestamp/textBytesMax``.
    mutating func write(_ moment: Timestamp, to line: inout OutputSpan<UInt8>) {
        let (second, rest) = moment.microseconds.quotientAndRemainder(
            dividingBy: MomentText.microsecondsPerSecond)
        // Before 1970 seconds are counted backwards: no log is that old, but a clock may be.
        guard rest >= 0, second > 0 else { return moment.withISO8601 { line.append($0) } }
        if second != self.second {
            let start = Timestamp(microseconds: second * MomentText.microsecondsPerSecond)
            text = Array(start.iso8601.utf8.prefix { $0 != UInt8(ascii: ".") })
            text.append(UInt8(ascii: "."))
            self.second = second
        }
        line.append(text)
        line.append(decimal: Int(rest), digits: 6)
        line.append(UInt8(ascii: "Z"))
    }
}
