// Finding line ends in large buffers, fast. It must not know what a line means.

/// Counts and finds line feeds.
enum Newlines {
    private static let lineFeed = UInt8(ascii: "\n")
    /// How many vectors may be summed up before a lane of one byte overflows.
    private static let vectorsPerSum = 255

    /// How many line feeds the bytes hold.
    static func count(in bytes: UnsafeRawBufferPointer) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        typealias Vector = SIMD64<UInt8>
        let width = MemoryLayout<Vector>.size
        let pattern = Vector(repeating: lineFeed)
        let vectors = bytes.count / width
        var total = 0
        var next = 0
        while next < vectors {
            let end = min(next + vectorsPerSum, vectors)
            var lanes = Vector.zero
            while next < end {
                let vector = start.loadUnaligned(fromByteOffset: next * width, as: Vector.self)
                lanes = lanes &+ Vector.zero.replacing(with: 1, where: vector .== pattern)
                next += 1
            }
            total += Int(SIMD64<UInt16>(truncatingIfNeeded: lanes).wrappedSum())
        }
        for index in (vectors * width)..<bytes.count where bytes[index] == lineFeed { total += 1 }
        return total
    }

    /// Where the last line feed stands.
    static func last(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = bytes.count
        while index > 0 {
            index -= 1
            if bytes[index] == lineFeed { return index }
        }
        return nil
    }

    /// Where the first line feed stands.
    static func first(in bytes: UnsafeRawBufferPointer) -> Int? {
        for index in bytes.indices where bytes[index] == lineFeed { return index }
        return nil
    }
}
