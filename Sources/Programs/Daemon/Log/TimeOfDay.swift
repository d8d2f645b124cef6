// What time it was at a moment of the monotonic clock. It must not know what happened then.

import Datasets
import HTTP
import Posix

/// The time of day for whoever knows the moment already: a look at a clock takes a fiftieth of a
/// request's time, and one look each tenth of a second is enough to follow a clock that is set.
struct TimeOfDay {
    /// How long one look is good for, in nanoseconds.
    private static let validity: Int64 = 100_000_000

    private let time: SystemTime
    /// The time at the last look, and the moment of it.
    private var looked: (time: Timestamp, moment: Moment)?

    init(_ time: SystemTime) {
        self.time = time
    }

    /// The time at a moment that has just passed.
    mutating func at(_ moment: Moment) -> Timestamp {
        if let looked {
            let age = moment.nanoseconds - looked.moment.nanoseconds
            if (0..<TimeOfDay.validity).contains(age) {
                return Timestamp(microseconds: looked.time.microseconds + age / 1_000)
            }
        }
        let now = time.now
        looked = (now, moment)
        return now
    }
}
