// Request ids, by which logs and answers name a request.

import Posix

/// Makes request ids, and tells which of the clients' own are fit to use.
struct RequestIdentifiers {
    /// Crockford's alphabet: letters and digits that are not mistaken for one another.
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// 15 characters are the longest string that Swift keeps without allocating; they have 75
    /// random bits, so that ids are neither guessed nor used twice.
    private static let length = 15

    /// Random characters, made for about 270 ids at a time.
    private var pool = [UInt8](repeating: 0, count: 4096)
    private var used = 4096

    /// A new id.
    mutating func next() -> String {
        if used + RequestIdentifiers.length > pool.count { refill() }
        let start = used
        used += RequestIdentifiers.length
        return String(unsafeUninitializedCapacity: RequestIdentifiers.length) { text in
            pool.withUnsafeBufferPointer { pool in
                _ = text.initialize(fromContentsOf: pool[start..<used])
            }
            return RequestIdentifiers.length
        }
    }

    private mutating func refill() {
        pool.withUnsafeMutableBytes { pool in
            RandomBytes.fill(pool)
            RequestIdentifiers.alphabet.withUnsafeBufferPointer { alphabet in
                for index in pool.indices { pool[index] = alphabet[Int(pool[index] & 31)] }
            }
        }
        used = 0
    }

    /// Whether a client's own id may be taken over: `[A-Za-z0-9._-]{1,64}`. Anything else could
    /// write into logs.
    static func isFit(_ identifier: String) -> Bool {
        (1...64).contains(identifier.utf8.count)
            && identifier.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default:
                    false
                }
            }
    }
}
