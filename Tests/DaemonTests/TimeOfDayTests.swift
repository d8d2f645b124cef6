// Times of day that are derived from the monotonic clock agree with the wall clock.

import Datasets
import HTTP
import Posix
import Testing

@testable import Daemon

@Suite struct TimeOfDayTests {
    @Test func `a moment between two looks has its own time, and a later one looks again`() {
        var timeOfDay = TimeOfDay(SystemTime())
        let start = Moment(nanoseconds: MonotonicClock.nanoseconds)
        let first = timeOfDay.at(start)
        #expect(abs(first.microseconds - SystemTime().now.microseconds) < 10_000_000)
        for step in [0, 1_000, 999_999, 50_000_000, 99_999_000] as [Int64] {
            let time = timeOfDay.at(Moment(nanoseconds: start.nanoseconds + step))
            #expect(time.microseconds - first.microseconds == step / 1_000)
        }
        // A moment that lies an hour ahead is not believed: the clock is.
        let ahead = timeOfDay.at(Moment(nanoseconds: start.nanoseconds + 3_600_000_000_000))
        #expect(abs(ahead.microseconds - SystemTime().now.microseconds) < 10_000_000)
        let before = timeOfDay.at(Moment(nanoseconds: start.nanoseconds - 1))
        #expect(abs(before.microseconds - SystemTime().now.microseconds) < 10_000_000)
    }
}
