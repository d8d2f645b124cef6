// Identifies callers: by token first, then by name, then by the list of allowed names.

import Crypto
import Datasets
import HTTP
import Jobs

/// What callers have to send.
package struct AuthenticationSettings: Sendable, CustomStringConvertible {
    /// The value that `X-API-Token` has to have; `nil` where no token is required.
    package var token: String?
    /// The users who may send requests; empty where everyone may.
    package var allowedUsers: [String]
    /// The users who may also command jobs of others and change limits.
    package var adminUsers: [String]
    /// The token that makes its sender an administrator under any name; where it is set,
    /// ``adminUsers`` are ordinary allowed users. `nil` where the names decide.
    package var adminToken: String?
    /// Names of the service besides those that cannot be registered; see ``HostCheck``.
    package var hosts: [String]

    package init(
        token: String? = nil, allowedUsers: [String] = [], adminUsers: [String] = [],
        adminToken: String? = nil, hosts: [String] = []
    ) {
        self.token = token
        self.allowedUsers = allowedUsers
        self.adminUsers = adminUsers
        self.adminToken = adminToken
        self.hosts = hosts
    }

    /// Without the secrets.
    package var description: String {
        "token: \(token == nil ? "none" : "set"), allowed users: \(allowedUsers), "
            + "administrators: \(adminUsers), "
            + "administrators' token: \(adminToken == nil ? "none" : "set"), hosts: \(hosts)"
    }
}

/// The kind of token that a request has.
enum Credential: Hashable, Sendable {
    /// No token is required, and no valid one was sent.
    case none
    case user
    case admin
    /// A token is required and missing.
    case missing
    /// A token unknown to the service: perhaps a guess.
    case wrong
}

/// Checks the identity of callers.
struct Authentication: Sendable {
    /// Characters in a name at most: the width of the database's column.
    static let nameCharactersMax = 100

    private static let tokenName = FieldName("X-API-Token")
    private static let userName = FieldName("X-Username")

    private static let authorizationName = FieldName("Authorization")

    private let token: [UInt8]?
    private let adminToken: [UInt8]?
    private let allowedUsers: [SHA256Digest]
    private let adminUsers: [SHA256Digest]

    init(_ settings: AuthenticationSettings) {
        token = settings.token.map { Array($0.utf8) }
        adminToken = settings.adminToken.map { Array($0.utf8) }
        adminUsers = settings.adminUsers.map(Authentication.digest)
        allowedUsers =
            settings.allowedUsers.isEmpty
            ? [] : settings.allowedUsers.map(Authentication.digest) + adminUsers
    }

    /// The sender of a request.
    ///
    /// - Parameter credential: the request's own.
    func principal(
        of request: Request, with credential: Credential
    ) throws(APIError) -> Principal {
        guard credential != .missing, credential != .wrong else { throw .invalidToken }
        let name = try Authentication.name(in: request)
        let isAdmin =
            adminToken != nil
            ? credential == .admin
            : !adminUsers.isEmpty && Authentication.is(name, oneOf: adminUsers)
        guard isAdmin || allowedUsers.isEmpty || Authentication.is(name, oneOf: allowedUsers)
        else { throw .notAllowed(user: name) }
        return Principal(name: name, address: request.peer, isAdmin: isAdmin)
    }

    /// The kind of token that a request has. The token is always compared with both secrets.
    func credential(of request: Request) -> Credential {
        if token == nil, adminToken == nil { return .none }
        guard let sent = Authentication.token(in: request) else {
            return token == nil ? .none : .missing
        }
        let isUser = token.map { Authentication.is(sent, $0) } ?? false
        let isAdmin = adminToken.map { Authentication.is(sent, $0) } ?? false
        return isAdmin ? .admin : isUser ? .user : .wrong
    }

    /// The token of `X-API-Token`, else of `Authorization: Bearer` (RFC 6750 §2.1); `nil` where
    /// neither was sent. One that was sent twice is no token.
    private static func token(in request: Request) -> String? {
        switch request.occurrence(of: tokenName) {
        case .once(let token): return token
        case .repeated: return ""
        case .none: break
        }
        guard case .once(let text) = request.occurrence(of: authorizationName) else { return nil }
        // Any other scheme is for a proxy on the way.
        guard text.prefix(7).lowercased() == "bearer " else { return nil }
        return String(text.dropFirst(7).drop { $0 == " " })
    }

    /// Compares every byte of a guess, so that the time it takes reveals nothing of the secret.
    /// Comparing digests would do as well, and took a sixth of a request's time.
    private static func `is`(_ guess: String, _ secret: [UInt8]) -> Bool {
        guard !secret.isEmpty else { return guess.isEmpty }
        var guess = guess
        return guess.withUTF8 { guess in
            var difference = guess.count ^ secret.count
            var index = 0
            for byte in guess {
                difference |= Int(byte ^ secret[index])
                index += 1
                if index == secret.count { index = 0 }
            }
            return difference == 0
        }
    }

    private static func name(in request: Request) throws(APIError) -> String {
        let sent: String
        switch request.occurrence(of: userName) {
        case .none: sent = ""
        case .once(let name): sent = name
        case .repeated:
            throw .missingUser(
                "The X-Username header was sent more than once. Please send it once.")
        }
        // Most names are plain words, and checking Unicode properties is slow.
        if isPlain(sent) { return sent }
        let name = UserName.canonical(trimmed(sent))
        guard !name.isEmpty else {
            throw .missingUser("Missing X-Username header. Please provide your username.")
        }
        guard name.unicodeScalars.count <= nameCharactersMax else {
            throw .missingUser(
                "The X-Username header may have at most \(nameCharactersMax) characters.")
        }
        guard name.unicodeScalars.allSatisfy(Authentication.isVisible) else {
            throw .missingUser("The X-Username header may have printable characters only.")
        }
        return name
    }

    /// Compares all entries, also after a match.
    private static func `is`(_ name: String, oneOf names: [SHA256Digest]) -> Bool {
        let digest = Authentication.digest(name)
        return names.reduce(false) { found, candidate in (candidate == digest) || found }
    }

    private static func digest(_ text: String) -> SHA256Digest {
        SHA256.hash(data: Array(UserName.canonical(text).utf8))
    }

    /// Whether a name is made of ASCII letters, digits and a few signs, and of fit length.
    private static func isPlain(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            guard (1...nameCharactersMax).contains(bytes.count) else { return false }
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"), UInt8(ascii: "@"):
                    continue
                default: return false
                }
            }
            return true
        }
    }

    private static func trimmed(_ text: String) -> String {
        // By scalars: going back by one character may read all text before it.
        let scalars = text.unicodeScalars
        let isInk = { (scalar: Unicode.Scalar) in !scalar.properties.isWhitespace }
        guard let first = scalars.firstIndex(where: isInk),
            let last = scalars.lastIndex(where: isInk)
        else { return "" }
        return String(scalars[first...last])
    }

    /// U+FFFD replaces bytes that were not UTF-8, so two such names could be equal by mistake.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isPrintable && scalar != "\u{FFFD}"
    }
}
