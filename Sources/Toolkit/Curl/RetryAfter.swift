// How long a server asks to wait (RFC 9110 §10.2.3). It must not look at the clock.

import CCurl

extension ResponseHead {
    /// A number beyond this is as good as this: 31 years.
    private static let secondsMax = 1_000_000_000

    /// The longest wait that the `Retry-After` fields ask for, in seconds or as a date; `nil` where
    /// there is none, it is nonsense, or it has passed. curl's own reading takes a number beyond
    /// its integers for nonsense, and of several fields the last.
    ///
    /// - Parameter now: seconds since 1970.
    func retryAfter(at now: Int) -> Duration? {
        let longest = values(of: "Retry-After").map { ResponseHead.seconds(of: $0, at: now) }.max()
        guard let longest, longest > 0 else { return nil }
        return .seconds(min(longest, ResponseHead.secondsMax))
    }

    private static func seconds(of value: String, at now: Int) -> Int {
        // A date begins with the day of the week.
        if value.first?.isLetter == true {
            let moment = Int(curl_getdate(value, nil))
            return moment > now ? moment - now : 0
        }
        // Fields that somebody has joined are separated by commas.
        return value.split(separator: ",").map { part in
            let digits = part.trimmingPrefix(while: \.isWhitespace)
                .prefix { $0.isASCII && $0.isNumber }
            return digits.isEmpty ? 0 : Int(digits) ?? secondsMax
        }.max() ?? 0
    }
}
