// A point on a clock that only goes forward.

/// Nanoseconds since an arbitrary origin. Passed in wherever time matters, so that tests can make
/// hours pass at once.
package struct Moment: Comparable, Hashable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Moment, right: Moment) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package static func + (moment: Moment, duration: Duration) -> Moment {
        moment.advanced(nanoseconds: duration.nanoseconds)
    }

    package static func - (left: Moment, right: Moment) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }

    /// The same, for durations converted beforehand: a Duration has 128 bits, and dividing those
    /// on every request would be felt.
    func advanced(nanoseconds duration: Int64) -> Moment {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration)
        return Moment(nanoseconds: overflow ? .max : sum)
    }
}

extension Duration {
    /// Whole nanoseconds; `Int64.max` beyond 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carry ? .max : sum
    }
}
