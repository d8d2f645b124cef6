// A server for tests that mistreat one: a process of its own, whose memory, descriptors and end can
// be looked at from outside.

import Dispatch
import Glibc
import HTTP
import HTTPServer

/// `load-server NAME=NUMBER ...`: prints its port, and drains on SIGTERM.
@main enum LoadServer {
    static func main() throws {
        // Blocked before there are other threads, so that none of them gets it.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        var freeMax: Int?
        let server = HTTPServer(settings: try settings(&freeMax), handler: Answers())
        let port = try server.start()
        if let freeMax { takeDescriptors(leaving: freeMax) }
        print("port \(port)")
        fflush(nil)
        var received: Int32 = 0
        sigwait(&signals, &received)
        let hasDrained = DispatchSemaphore(value: 0)
        Task.detached {
            await server.drain(within: .seconds(60))
            hasDrained.signal()
        }
        hasDrained.wait()
    }

    private static func takeDescriptors(leaving count: Int) {
        var taken: [Int32] = []
        while case let number = open("/dev/null", O_RDONLY), number >= 0 { taken.append(number) }
        for number in taken.suffix(count) { close(number) }
    }

    private struct UnknownSetting: Error {
        let text: String
    }

    /// Times are in milliseconds.
    ///
    /// - Parameter freeMax: how many descriptors to leave to the server once it runs.
    private static func settings(_ freeMax: inout Int?) throws -> ServerSettings {
        var settings = ServerSettings()
        for argument in CommandLine.arguments.dropFirst() {
            let parts = argument.split(separator: "=")
            guard parts.count == 2, let number = Int(parts[1]) else {
                throw UnknownSetting(text: argument)
            }
            let time = Duration.milliseconds(number)
            switch parts[0] {
            case "port": settings.port = UInt16(number)
            case "loops": settings.loopCount = number
            case "connections": settings.connectionMax = number
            case "unfinished": settings.unfinishedBytesMax = number
            case "first-byte": settings.timeouts.firstByte = time
            case "head": settings.timeouts.head = time
            case "body": settings.timeouts.body = time
            case "idle": settings.timeouts.idle = time
            case "write-stall": settings.timeouts.writeStall = time
            case "drain-idle": settings.timeouts.drainIdle = time
            case "free-descriptors": freeMax = number
            default: throw UnknownSetting(text: argument)
            }
        }
        return settings
    }
}

/// One route for each way to be mistreated.
private struct Answers: Handler {
    private static let piece = [UInt8](repeating: 0x2E, count: 64 * 1024)

    func respond(to request: Request) async -> Response {
        switch request.path {
        case "/wait":
            // A stream without elements ends when its reader is cancelled, and not before.
            let (silence, source) = AsyncStream<Never>.makeStream()
            for await _ in silence {}
            source.finish()
            return text("cancelled")
        case "/large":
            return Response(
                status: .ok,
                body: .stream(length: 1024 * Answers.piece.count) { writer in
                    for _ in 0..<1024 { try await writer.write(Answers.piece) }
                })
        default:
            return text("\(getpid())")
        }
    }

    private func text(_ text: String) -> Response {
        Response(status: .ok, body: .bytes(Array(text.utf8)))
    }
}
