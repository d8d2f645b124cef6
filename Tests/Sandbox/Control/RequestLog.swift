// The requests that the stand-in saw, shared by all event loops. It must not hold a key or a token.

import HTTP
import Synchronization

/// Keeps what was asked, in the order of arrival.
final class RequestLog: Sendable {
    /// A request, as `GET /_sandbox/requests` shows it.
    struct Entry: Encodable, Sendable {
        /// Counts from 1 and never starts again.
        var number: Int
        /// `upstream` or `storage`.
        var listener: String
        var method: String
        /// As sent, but for a bot's token.
        var path: String
        var query: String?
        /// All fields; Authorization is `absent`, `present` or `wrong`.
        var headers: [String: String]
        var authorization: Authorization
        /// 0 while the answer is not known yet, or when there was none.
        var status: Int
        var isFaulty: Bool
        /// Milliseconds since 1970.
        var at: Int64

        private enum CodingKeys: String, CodingKey {
            case number
            case listener
            case method
            case path
            case query
            case headers
            case authorization
            case status
            case isFaulty = "faulty"
            case at = "at_ms"
        }
    }

    /// Entries beyond this many push out the oldest: an hour of benchmarks must not fill the
    /// memory.
    private static let keptMost = 200_000

    private struct Kept {
        var last = 0
        var entries: [Entry] = []
    }

    private let kept = Mutex(Kept())

    /// Notes an arrival.
    ///
    /// - Returns: its number, for ``finish(_:status:isFaulty:)``.
    func begin(_ request: Request, path: String, listener: String, key: String, at: Int64) -> Int {
        var headers: [String: String] = [:]
        request.headers.forEach { name, value in headers[name.lowercased()] = value }
        let authorization = Authorization(of: request, key: key)
        headers["authorization"] = authorization.rawValue
        return kept.withLock { [headers] kept in
            kept.last += 1
            if kept.entries.count >= RequestLog.keptMost {
                kept.entries.removeFirst(RequestLog.keptMost / 10)
            }
            kept.entries.append(
                Entry(
                    number: kept.last, listener: listener, method: request.method.rawValue,
                    path: path, query: request.query, headers: headers,
                    authorization: authorization, status: 0, isFaulty: false, at: at))
            return kept.last
        }
    }

    /// Notes how the request was answered.
    func finish(_ number: Int, status: Int, isFaulty: Bool) {
        kept.withLock { kept in
            guard let first = kept.entries.first?.number else { return }
            let index = number - first
            guard kept.entries.indices.contains(index) else { return }
            kept.entries[index].status = status
            kept.entries[index].isFaulty = isFaulty
        }
    }

    /// The entries whose path matches.
    func entries(matching pattern: PathPattern) -> [Entry] {
        kept.withLock { $0.entries }.filter { pattern.matches($0.path) }
    }

    func clear() {
        kept.withLock { $0.entries = [] }
    }
}
