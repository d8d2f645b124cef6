// The stand-in's own routes, with which a test writes its script and reads the recorded requests.

import HTTP
import Synchronization

/// Answers `/_sandbox/…`.
struct ControlRoute: Sendable {
    let faults: FaultScript
    let log: RequestLog
    let messages: MessageBook

    func response(to request: Request) -> Response {
        switch (request.path, request.method) {
        case ("/_sandbox/faults", .put), ("/_sandbox/faults", .post): return takeFaults(request)
        case ("/_sandbox/faults", .get): return faultCount
        case ("/_sandbox/faults", .delete):
            faults.replace(by: [])
            return Response(status: .noContent)
        case ("/_sandbox/requests", .get):
            return .json(log.entries(matching: PathPattern(request.queryItems["match"] ?? "")))
        case ("/_sandbox/requests", .delete):
            log.clear()
            return Response(status: .noContent)
        case ("/_sandbox/messages", .get): return .json(messages.all)
        case ("/_sandbox/messages", .delete):
            messages.clear()
            return Response(status: .noContent)
        default:
            return failure(
                .notFound,
                "there are GET, PUT (replace), POST (append) and DELETE /_sandbox/faults, GET"
                    + " (?match=PATTERN) and DELETE /_sandbox/requests, GET and DELETE"
                    + " /_sandbox/messages")
        }
    }

    private func takeFaults(_ request: Request) -> Response {
        do {
            let rules = try JSONText.decode([FaultRule].self, from: request.body)
            if request.method == .put { faults.replace(by: rules) } else { faults.append(rules) }
            return faultCount
        } catch {
            return failure(.badRequest, JSONText.message(of: error))
        }
    }

    private var faultCount: Response {
        .json(["pending": faults.pendingCount])
    }

    private func failure(_ status: Status, _ text: String) -> Response {
        .json(["error": text], status: status)
    }
}

/// The requests in the order of arrival, shared by all event loops. Keys and tokens are not kept.
final class RequestLog: Sendable {
    /// Beyond this many entries the oldest go, so that an hour of benchmarks does not fill the
    /// memory.
    private static let entriesMax = 200_000

    private struct Storage {
        var last = 0
        var entries: [LoggedRequest] = []
    }

    private let storage = Mutex(Storage())

    /// Records an arrival.
    ///
    /// - Returns: its number, for ``finish(_:status:isFaulty:)``.
    func begin(_ request: Request, path: String, listener: String, key: String, at: Int64) -> Int {
        var headers: [String: String] = [:]
        request.headers.forEach { name, value in headers[name.lowercased()] = value }
        let authorization = Authorization(of: request, key: key)
        headers["authorization"] = authorization.rawValue
        return storage.withLock { [headers] storage in
            storage.last += 1
            if storage.entries.count >= RequestLog.entriesMax {
                storage.entries.removeFirst(RequestLog.entriesMax / 10)
            }
            storage.entries.append(
                LoggedRequest(
                    number: storage.last, listener: listener, method: request.method.rawValue,
                    path: path, query: request.query, headers: headers,
                    authorization: authorization, status: 0, isFaulty: false, at: at))
            return storage.last
        }
    }

    /// Records the response.
    func finish(_ number: Int, status: Int, isFaulty: Bool) {
        storage.withLock { storage in
            guard let first = storage.entries.first?.number else { return }
            let index = number - first
            guard storage.entries.indices.contains(index) else { return }
            storage.entries[index].status = status
            storage.entries[index].isFaulty = isFaulty
        }
    }

    /// The entries whose path matches.
    func entries(matching pattern: PathPattern) -> [LoggedRequest] {
        storage.withLock { $0.entries }.filter { pattern.matches($0.path) }
    }

    func clear() {
        storage.withLock { $0.entries = [] }
    }
}

/// A request, as `GET /_sandbox/requests` shows it.
struct LoggedRequest: Encodable, Sendable {
    /// Counts from 1, also across a clear.
    var number: Int
    /// `upstream` or `storage`.
    var listener: String
    var method: String
    /// As sent, without a bot's token.
    var path: String
    var query: String?
    /// All fields; Authorization is `absent`, `present` or `wrong`.
    var headers: [String: String]
    var authorization: Authorization
    /// 0 before the response, and where there was none.
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
