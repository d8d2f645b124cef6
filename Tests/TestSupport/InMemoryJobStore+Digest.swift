// Digests of what the store in memory records, as any other store has them. Written out (FIPS
// 180-4), so that tests do not ask the program whether the program is right.

extension InMemoryJobStore {
    /// The SHA-256 of a text in UTF-8, in hexadecimal digits.
    static func sha256(_ text: String) -> String {
        var bytes = Array(text.utf8)
        let bits = UInt64(bytes.count) * 8
        bytes.append(0x80)
        bytes += [UInt8](repeating: 0, count: (120 - bytes.count % 64) % 64)
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
        var state = initialState
        for start in stride(from: 0, to: bytes.count, by: 64) {
            mix(bytes[start..<start + 64], into: &state)
        }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func mix(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = [UInt32](repeating: 0, count: 64)
        for (offset, byte) in block.enumerated() {
            words[offset / 4] = words[offset / 4] << 8 | UInt32(byte)
        }
        for index in 16..<64 {
            let (old, new) = (words[index - 15], words[index - 2])
            let low = turned(old, 7) ^ turned(old, 18) ^ (old >> 3)
            let high = turned(new, 17) ^ turned(new, 19) ^ (new >> 10)
            words[index] = words[index - 16] &+ low &+ words[index - 7] &+ high
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let choice = (e & f) ^ (~e & g)
            let high = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
            let first = h &+ high &+ choice &+ constants[index] &+ words[index]
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let low = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ low &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func turned(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    private static let primes = (2..<312).filter { number in
        (2..<number).allSatisfy { number % $0 != 0 }
    }

    /// The first 32 bits of the fractions of the square roots of the first 8 primes.
    private static let initialState: [UInt32] = primes.prefix(8).map { prime in
        fraction(below: 1 << 35) { $0 * $0 <= UInt128(prime) << 64 }
    }

    /// The same of the cube roots of the first 64.
    private static let constants: [UInt32] = primes.map { prime in
        fraction(below: 1 << 35) { $0 * $0 * $0 <= UInt128(prime) << 96 }
    }

    /// The last 32 bits of the largest number that fits.
    private static func fraction(below end: UInt128, fits: (UInt128) -> Bool) -> UInt32 {
        var (low, high) = (UInt128(0), end)
        while high - low > 1 {
            let middle = (low + high) / 2
            if fits(middle) { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }
}
