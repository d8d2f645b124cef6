// Numbers that look random and are the same in every run: the datasets of a stand-in must not
// change between two downloads. It must not be used where chance matters.

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

    /// A number in `0..<limit`; the bias of the modulo is of no account here.
    mutating func below(_ limit: Int) -> Int {
        precondition(limit > 0, "nothing is below zero")
        return Int(next() % UInt64(limit))
    }

    /// A number in the range.
    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }
}
