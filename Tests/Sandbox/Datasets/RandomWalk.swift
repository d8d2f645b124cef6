// The market that the rows of one file tell of: a price that wanders, arrival times that rise
// through the day. It must not know a column.

import Datasets

/// A random walk through one UTC day.
struct RandomWalk {
    var random: SeededRandom
    /// In hundredths of the quote currency.
    private(set) var price: Int
    /// Arrival, in microseconds since the epoch: never falls, never leaves the day.
    private(set) var localTimestamp: Int64
    /// The exchange's own time, some milliseconds before the arrival, of the same day.
    private(set) var timestamp: Int64
    /// How many steps were taken.
    private(set) var steps = 0

    private let day: Day
    private let stepMicroseconds: Int64

    /// A walk of so many steps; the same for the same seed and day.
    init(seed: String, market: String, day: Day, steps: Int) {
        random = SeededRandom(seed: seed)
        // A symbol keeps its order of magnitude from file to file: 1.00 to 99,999.99.
        var magnitude = SeededRandom(seed: market)
        price = magnitude.within(100...9_999_999)
        self.day = day
        stepMicroseconds = Timestamp.microsecondsPerDay / Int64(steps + 1)
        localTimestamp = day.start.microseconds
        timestamp = localTimestamp
    }

    /// Goes on to the next row.
    mutating func advance() {
        let slot = day.start.microseconds + Int64(steps) * stepMicroseconds
        localTimestamp = slot + Int64(random.below(Int(max(1, stepMicroseconds))))
        timestamp = max(day.start.microseconds, localTimestamp - Int64(random.within(900...9000)))
        price = max(100, price + random.within(-30...30))
        steps += 1
    }

    /// An amount of the base currency, in thousandths: small ones are more frequent.
    mutating func amount() -> Int {
        1 + random.below(1 + random.below(4000))
    }
}
