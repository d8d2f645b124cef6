// Prices and times that look random and are the same in every run, so that two downloads agree.

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

    /// Advances to the next row.
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

/// A SplitMix64 generator (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    /// A generator whose numbers are a function of the text.
    init(seed text: String) {
        // FNV-1a, 64 bits, with its published offset and prime.
        state = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number in `0..<limit`; the bias of the modulo does not matter here.
    mutating func below(_ limit: Int) -> Int {
        precondition(limit > 0, "nothing is below zero")
        return Int(next() % UInt64(limit))
    }

    /// A number in the range.
    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }
}
