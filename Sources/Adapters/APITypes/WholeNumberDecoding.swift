// How the types of this module decode whole numbers.

/// How the types of this module decode whole numbers: the compiler prefers these to the library's,
/// also in what it makes of `Decodable`.
///
/// A number beyond those that every JSON reader keeps exactly (±(2^53 - 1), RFC 7493 §2.2) is read
/// as the nearest of them. So sums of a thousand numbers from a service never overflow.
extension KeyedDecodingContainer {
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try exact(type, key) }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try exact(type, key) }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try contains(key) && !decodeNil(forKey: key) ? exact(type, key) : nil
    }

    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try contains(key) && !decodeNil(forKey: key) ? exact(type, key) : nil
    }

    private func exact<Number: FixedWidthInteger & SignedInteger & Decodable>(
        _ type: Number.Type, _ key: Key
    ) throws -> Number {
        let largest = Number((1 << 53) - 1)
        return min(max(try decode(type, forKey: key), -largest), largest)
    }
}
