// Entity tags (RFC 9110 §8.8.3): names for the versions of a representation, and the lists of them
// that conditional requests carry.

/// The name of one version of a representation.
package struct EntityTag: Hashable, Sendable {
    /// Whether versions with this tag are only as good as one another, not the same byte for byte.
    package let isWeak: Bool
    /// What stands between the quotes, compared byte by byte.
    private let opaque: [UInt8]

    /// - Parameter opaque: visible ASCII without quotes.
    package init(_ opaque: String, isWeak: Bool = false) {
        precondition(
            opaque.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != Byte.quote },
            "a tag of ours is visible ASCII without quotes")
        self.isWeak = isWeak
        self.opaque = Array(opaque.utf8)
    }

    /// - Parameter field: of an ETag line.
    /// - Returns: `nil` for what is no tag.
    package init?(field: String) {
        var bytes = Array(field.utf8)[...]
        guard let tag = EntityTag(at: &bytes), bytes.isEmpty else { return nil }
        self = tag
    }

    /// The tag at the front of the bytes, which are advanced behind it; `nil` if there is none.
    /// The `W` is case-sensitive, and no escapes exist: a backslash stands for itself.
    init?(at bytes: inout ArraySlice<UInt8>) {
        var rest = bytes
        isWeak = rest.starts(with: EntityTag.weakMark)
        if isWeak { rest = rest.dropFirst(EntityTag.weakMark.count) }
        guard rest.popFirst() == Byte.quote, let end = rest.firstIndex(of: Byte.quote) else {
            return nil
        }
        let opaque = rest[..<end]
        guard opaque.allSatisfy({ $0 > 0x20 && $0 != Byte.delete }) else { return nil }
        self.opaque = Array(opaque)
        bytes = rest[(end + 1)...]
    }

    /// The tag as it stands in an ETag field.
    package var text: String {
        (isWeak ? "W/\"" : "\"") + String(decoding: opaque, as: UTF8.self) + "\""
    }

    /// Whether both name the same bytes (RFC 9110 §8.8.3.2).
    func isStronglyEqual(to other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaque == other.opaque
    }

    /// Whether one version will do for the other (RFC 9110 §8.8.3.2).
    func isWeaklyEqual(to other: EntityTag) -> Bool { opaque == other.opaque }

    private static let weakMark: [UInt8] = [UInt8(ascii: "W"), Byte.slash]
}

/// What an If-Match or If-None-Match field names (RFC 9110 §13.1.1, §13.1.2).
enum EntityTagList: Hashable {
    /// `*`: any version there is.
    case any
    /// Empty for a field that is no list of tags. Nothing equals what was not understood: If-Match
    /// then fails and If-None-Match holds, which is the safe side of both.
    case tags([EntityTag])

    init(_ field: String) {
        var rest = Array(field.utf8)[...]
        var tags: [EntityTag] = []
        var isSeparated = true
        if rest.elementsEqual([UInt8(ascii: "*")]) {
            self = .any
            return
        }
        while let byte = rest.first {
            // Empty elements are to be ignored (RFC 9110 §5.6.1.2).
            if byte.isBlank || byte == Byte.comma {
                isSeparated = isSeparated || byte == Byte.comma
                rest = rest.dropFirst()
            } else if isSeparated, let tag = EntityTag(at: &rest) {
                tags.append(tag)
                isSeparated = false
            } else {
                self = .tags([])
                return
            }
        }
        self = .tags(tags)
    }

    /// Whether a version is named, by the comparison given.
    func names(_ tag: EntityTag, by comparison: (EntityTag) -> (EntityTag) -> Bool) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains { comparison(tag)($0) }
        }
    }
}
