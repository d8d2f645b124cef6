// How a server stops.

import Glibc
import HTTP
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite struct DrainTests {
    @Test func `closes idle connections and answers those under way`() async throws {
        let gate = Gate()
        let waiting: @Sendable (Request) async -> Response = { request in
            if request.path == "/slow" { await gate.pass() }
            return echo(request)
        }
        let server = HTTPServer(
            settings: ServerSettings(), handler: ClosureHandler(body: waiting))
        let port = try server.start()
        let idle = try TestClient(port: port)
        await idle.send(get("/"))
        _ = try await idle.response()
        let busy = try TestClient(port: port)
        await busy.send(get("/slow"))
        #expect(await eventually { gate.isWaitedAt })

        async let drained: Void = server.drain(within: .seconds(30))
        #expect(try await idle.rest() == "")
        gate.open()
        let response = try await busy.response()
        #expect(response.body == "GET /slow ")
        #expect(response.headers["connection"] == "close")
        #expect(try await busy.rest() == "")
        await drained
        #expect(throws: TestClient.Problem.refused) { try TestClient(port: port) }
    }

    @Test func `answers a client that was busy until now once more, and closes`() async throws {
        var settings = ServerSettings()
        settings.timeouts.drainIdle = .seconds(60)
        let server = HTTPServer(settings: settings, handler: ClosureHandler { echo($0) })
        let port = try server.start()
        let client = try TestClient(port: port)
        await client.send(get("/1"))
        #expect(try await client.response().headers["connection"] == nil)

        async let drained: Void = server.drain(within: .seconds(30))
        #expect(await eventually { (try? TestClient(port: port)) == nil })
        await client.send(get("/2"))
        let last = try await client.response()
        #expect(last.body == "GET /2 ")
        #expect(last.headers["connection"] == "close")
        #expect(try await client.rest() == "")
        await drained
    }

    @Test func `ends soon though clients hold connections and ask nothing`() async throws {
        let server = try await RunningServer()
        let (silent, idle) = (
            try RawClient(port: server.port), try RawClient(port: server.port)
        )
        #expect(try await blocking { idle.ask()?.status } == 200)
        server.process.send(SIGTERM)
        // Those that have something to end would get a minute.
        #expect(await server.process.waitForExit(within: .seconds(30)) == 0)
        silent.close()
    }

    @Test func `cuts what is left at the deadline, and cancels its handler`() async throws {
        let isCancelled = Atomic(false)
        let endless: @Sendable (Request) async -> Response = { request in
            // A stream without elements ends when its reader is cancelled, and not before.
            let (silence, source) = AsyncStream<Never>.makeStream()
            for await _ in silence {}
            source.finish()
            isCancelled.store(Task.isCancelled, ordering: .relaxed)
            return echo(request)
        }
        let observer = RecordingObserver()
        let server = HTTPServer(
            settings: ServerSettings(), handler: ClosureHandler(body: endless), observer: observer)
        let client = try TestClient(port: try server.start())
        await client.send(get("/"))
        await server.drain(within: .milliseconds(200))
        await #expect(throws: TestClient.Problem.self) { try await client.response() }
        #expect(await eventually { isCancelled.load(ordering: .relaxed) })
    }

    @Test(.timeLimit(.minutes(1)))
    func `returns at once when nobody is connected, and when it never ran`() async throws {
        let handler = ClosureHandler { echo($0) }
        let server = HTTPServer(settings: ServerSettings(), handler: handler)
        _ = try server.start()
        await server.drain(within: .seconds(3600))
        await server.drain(within: .seconds(3600))
        await HTTPServer(settings: ServerSettings(), handler: handler).drain(within: .seconds(3600))
    }
}

/// Holds handlers up until a test lets them pass.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isWaitedAt: Bool { state.withLock { !$0.waiters.isEmpty } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
