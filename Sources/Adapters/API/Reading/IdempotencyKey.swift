// The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), and the keys of requests
// in flight.

import HTTP
import Synchronization

/// Reads the idempotency key of a request.
enum IdempotencyKey {
    static let headerName = FieldName("Idempotency-Key")
    /// Characters in a key at most: a UUID has 36, a digest in hexadecimal 64.
    static let charactersMax = 255
    /// The header's form in JSON Schema: a token, or a string in quotes. Parameters behind a string
    /// are accepted as well, and not documented.
    static let pattern =
        #"^(?:[A-Za-z0-9!#$%&'*+.^_`|~:/-]{1,\#(charactersMax)}"#
        + #"|"(?:[ !#-\[\]-~]|\\["\\]){1,\#(charactersMax)}")$"#

    /// The key, `nil` without the header.
    ///
    /// The draft makes it a String of RFC 8941 §3.3.3, in quotes. Without quotes, the characters of
    /// a Token (§3.3.4) are accepted: most services want it so. The same characters are one key.
    ///
    /// - Throws: ``APIError/badKey(_:)``
    static func read(from request: Request) throws(APIError) -> String? {
        switch request.occurrence(of: headerName) {
        case .none: return nil
        case .repeated: throw invalid("it was sent more than once")
        case .once(let text):
            let key = try text.utf8.first == quote ? string(text) : token(text)
            guard !key.isEmpty else { throw invalid("it is empty") }
            guard key.utf8.count <= charactersMax else {
                throw invalid("it has \(key.utf8.count) characters")
            }
            return key
        }
    }

    private static func token(_ text: String) throws(APIError) -> String {
        guard text.utf8.allSatisfy(isOfToken) else {
            throw invalid("without quotes it may have letters, digits and !#$%&'*+-.^_`|~:/ only")
        }
        return text
    }

    /// The text between quotes; parameters behind it are ignored (RFC 8941 §3.1.2).
    private static func string(_ text: String) throws(APIError) -> String {
        var key: [UInt8] = []
        var rest = Substring(text).utf8.dropFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case quote:
                let end = rest.drop { $0 == 0x20 || $0 == 0x09 }
                guard end.isEmpty || end.first == UInt8(ascii: ";") else {
                    throw invalid("something follows its closing quote")
                }
                return String(decoding: key, as: UTF8.self)
            case backslash:
                guard let escaped = rest.popFirst(), escaped == quote || escaped == backslash else {
                    throw invalid(#"a backslash may stand before " and \ only"#)
                }
                key.append(escaped)
            case 0x20...0x7E: key.append(byte)
            default: throw invalid("it may have printable ASCII characters only")
            }
        }
        throw invalid("its closing quote is missing")
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    private static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~:/".utf8.contains(byte)
        }
    }

    private static func invalid(_ reason: String) -> APIError {
        .badKey(
            "The Idempotency-Key header cannot be used: \(reason). Send 1 to \(charactersMax) "
                + #"characters in quotes, new for each download you want, such as "8e03978e-40d5""#
                + "; without quotes is fine too where there are no blanks. Or leave it out.")
    }
}

/// The keys of submissions in flight, each with its user. One process owns the database, so its
/// memory is enough.
final class InFlightKeys: Sendable {
    /// A key belongs to the user who chose it.
    struct UserKey: Hashable, Sendable {
        var user: String
        var key: String
    }

    private let keys = Mutex<Set<UserKey>>([])

    /// Whether the key was free; then it is in use until ``remove(_:)``.
    func insert(_ key: UserKey) -> Bool {
        keys.withLock { $0.insert(key).inserted }
    }

    func remove(_ key: UserKey) {
        keys.withLock { _ = $0.remove(key) }
    }
}
