// A server for one test: on a port of its own, drained in the end.

import HTTP
import HTTPServer
import Synchronization

/// A handler made of a closure.
struct ClosureHandler: Handler {
    let body: @Sendable (Request) async -> Response

    func respond(to request: Request) async -> Response { await body(request) }
}

/// Keeps what it is told.
final class RecordingObserver: ServerObserving {
    private let recorded = Mutex<[ServedExchange]>([])

    var exchanges: [ServedExchange] { recorded.withLock { $0 } }

    func served(_ exchange: Exchange) {
        let kept = ServedExchange(exchange)
        recorded.withLock { $0.append(kept) }
    }
}

/// What an observer was told of one answer.
struct ServedExchange: Sendable {
    let id: String
    let peer: String
    let method: String
    let target: String
    let status: Int
    let bytesSent: Int
    let microseconds: Int
    let wasCut: Bool

    init(_ exchange: Exchange) {
        id = exchange.identifier
        peer = exchange.peer
        method = exchange.methodName
        var target = ""
        exchange.withTarget { target = String(decoding: $0, as: UTF8.self) }
        self.target = target
        status = exchange.status
        bytesSent = exchange.bytesSent
        microseconds = exchange.microseconds
        wasCut = exchange.wasCut
    }
}

/// Runs a test against a server, then drains it.
func withServer(
    _ settings: ServerSettings = ServerSettings(), observer: RecordingObserver? = nil,
    answering handler: @escaping @Sendable (Request) async -> Response = { echo($0) },
    _ test: (_ port: UInt16, _ server: HTTPServer) async throws -> Void
) async throws {
    let server = HTTPServer(
        settings: settings, handler: ClosureHandler(body: handler), observer: observer)
    let port = try server.start()
    do {
        try await test(port, server)
    } catch {
        await server.drain(within: .zero)
        throw error
    }
    await server.drain(within: .zero)
}

/// Answers with the request's method, path and body.
func echo(_ request: Request) -> Response {
    let body = String(decoding: request.body, as: UTF8.self)
    return text("\(request.method) \(request.path) \(body)")
}

func text(_ text: String) -> Response {
    Response(
        status: .ok, headers: Headers(["Content-Type": "text/plain"]),
        body: .bytes(Array(text.utf8)))
}

/// A minimal request.
func get(_ path: String, _ fields: String...) -> String {
    "GET \(path) HTTP/1.1\r\nHost: test\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
}
