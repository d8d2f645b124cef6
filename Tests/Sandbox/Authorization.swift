// Who asks: what the Authorization header of a request is worth. It must not keep the key.

import HTTP

/// The worth of a request's `Authorization: Bearer KEY`.
enum Authorization: String, Encodable, Sendable {
    case absent
    case right = "present"
    case wrong

    init(of request: Request, key: String) {
        guard let value = request.headers["Authorization"] else {
            self = .absent
            return
        }
        // Older official clients send the header with nothing behind `Bearer` when they have no
        // key.
        let token = value.split(separator: " ", maxSplits: 1).dropFirst().first ?? ""
        self = token.isEmpty ? .absent : token == key ? .right : .wrong
    }
}
