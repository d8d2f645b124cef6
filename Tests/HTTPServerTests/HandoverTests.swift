// A restart without a gap: while one process takes the port over from another, no client notices.

import Glibc
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct HandoverTests {
    /// What the clients have seen.
    private final class Tally: Sendable {
        let isOver = Atomic(false)
        private let counts = Mutex<(answers: Int, failures: [String])>((0, []))
        private let servers = Mutex<Set<String>>([])

        var answers: Int { counts.withLock { $0.answers } }
        var failures: [String] { counts.withLock { $0.failures } }
        /// The processes that have answered.
        var serverCount: Int { servers.withLock { $0.count } }

        func note(_ answer: RawAnswer?, _ what: @autoclosure () -> String) {
            if let answer, answer.status == 200 {
                counts.withLock { $0.answers += 1 }
                servers.withLock { _ = $0.insert(answer.body) }
            } else {
                let status = answer.map { "\($0.status)" } ?? "no answer"
                counts.withLock { $0.failures.append("\(what()): \(status)") }
            }
        }
    }

    /// How a client uses its connections.
    private enum Habit: String, CaseIterable {
        case aConnectionPerRequest, oneForAll, oneWithPauses
    }

    private func hammer(_ port: UInt16, _ habit: Habit, _ tally: Tally) {
        var kept: RawClient?
        var number = 0
        while !tally.isOver.load(ordering: .relaxed) {
            number += 1
            do {
                let client = try kept ?? RawClient(port: port)
                let answer =
                    habit == .aConnectionPerRequest
                    ? client.ask("/", "Connection: close") : client.ask()
                tally.note(answer, "\(habit.rawValue) request \(number)")
                kept = answer == nil || answer?.isLast == true ? nil : client
                if habit == .oneWithPauses, let client = kept,
                    client.hasEnded(within: .milliseconds(100))
                {
                    kept = nil
                }
            } catch {
                tally.note(nil, "\(habit.rawValue) connection \(number) \(error)")
            }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `no request fails while one process takes over from the next`() async throws {
        var server = try await RunningServer("shares-port=1", "drain-idle=500")
        let port = server.port
        let tally = Tally()
        async let clients: Void = withThrowingTaskGroup { group in
            for habit in Habit.allCases {
                for _ in 0..<2 {
                    group.addTask { try await blocking { hammer(port, habit, tally) } }
                }
            }
            try await group.waitForAll()
        }
        for taken in 1...5 {
            // On a busy machine one could be gone before it was asked anything.
            #expect(await eventually { tally.serverCount == taken })
            let next = try await RunningServer(
                "shares-port=1", "drain-idle=500", "port=\(port)")
            server.process.send(SIGTERM)
            #expect(await server.process.waitForExit(within: .seconds(10)) == 0)
            server = next
        }
        #expect(await eventually { tally.serverCount == 6 && tally.answers > 1_000 })
        tally.isOver.store(true, ordering: .relaxed)
        try await clients
        #expect(tally.failures == [])
    }
}
