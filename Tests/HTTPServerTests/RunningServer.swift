// A server as a process of its own, so that what it costs can be measured and what it does wrong
// does not end the tests.

import Glibc
import TestSupport
import Testing

/// A running `load-server`. Killed with its last reference.
final class RunningServer: Sendable {
    let process: ChildProcess
    let port: UInt16
    var figures: ProcessFigures { ProcessFigures(pid: process.pid) }

    /// - Parameters:
    ///   - settings: as `load-server` understands them.
    ///   - descriptorMax: how many descriptors it may have open; `nil` leaves that as it is.
    init(_ settings: String..., descriptorMax: Int? = nil) async throws {
        let program = BuiltProgram.path("load-server")
        let limit = descriptorMax.map { "ulimit -n \($0) && " } ?? ""
        process = try ChildProcess(
            "/bin/sh", ["-c", limit + "exec \"$@\"", "sh", program] + settings)
        let started = process
        let isReady = await eventually {
            started.output.contains("\n") || started.exitCode != nil
        }
        try #require(isReady, "the server does not start")
        port = try #require(
            UInt16(started.output.filter(\.isNumber)), "\(started.output) \(started.errors)")
    }

    deinit {
        process.send(SIGKILL)
    }

    /// The time that the middle one of twenty requests of a client of its own takes.
    func medianLatency() async throws -> Duration {
        let port = port
        let times = try await blocking {
            let client = try RawClient(port: port)
            return try (0..<20).map { _ in
                let start = ContinuousClock.now
                try #require(client.ask()?.status == 200)
                return ContinuousClock.now - start
            }
        }
        return times.sorted()[times.count / 2]
    }

    /// Lets it answer a few requests, so that it has what it needs only once, and waits until their
    /// connection has gone.
    ///
    /// - Returns: how many descriptors it holds without any connection.
    func warmUp() async throws -> Int {
        let descriptors = figures.descriptors
        _ = try await medianLatency()
        try #require(await returns(to: descriptors))
        return descriptors
    }

    /// Waits until it holds no more descriptors than it did.
    func returns(to descriptors: Int) async -> Bool {
        let figures = figures
        return await eventually { figures.descriptors <= descriptors }
    }
}
