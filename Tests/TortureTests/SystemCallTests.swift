// The service is killed at each system call that changes anything, from its start over one job to
// its end: every point at which a process may die, not only random ones.

import APITypes
import Glibc
import JSON
import ServiceSupport
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(60)))
struct SystemCallTests {
    /// Kinds of calls, each with those at which a short run kills.
    static let calls: [(names: String, some: [Int])] = [
        ("pwrite", [40, 110]), ("fdatasync", [9]), ("fsync", [3]), ("rename", [2]),
        ("write", [9]), ("open", []), ("ftruncate", []), ("unlink", []), ("link", []),
        ("close", []), ("send", []),
    ]
    /// The same by strace, which knows the kernel's own names and counts the calls of each thread
    /// for itself.
    static let tracedCalls: [(names: String, some: [Int])] = [
        ("pwrite64", [3]), ("fdatasync", [2]), ("fsync", []), ("write", []), ("openat", []),
        ("renameat,renameat2,rename", [1]), ("ftruncate", []), ("unlink,unlinkat", []),
        ("close", []), ("sendto", []),
    ]

    /// More of a kind than there are in a life.
    private static let callsMax = 3_000

    @Test(
        .enabled(if: Torture.killer != nil, "there is no C compiler for kill-at.c"),
        arguments: calls.filter { Torture.isLong || !$0.some.isEmpty })
    func `killed at any such system call, the service loses no job and goes on`(
        names: String, some: [Int]
    ) async throws {
        let killer = try #require(Torture.killer)
        try await lives(names, some) { number in
            [
                "/usr/bin/env", "LD_PRELOAD=\(killer)", "KILL_CALLS=\(names)",
                "KILL_AT=\(number)",
            ]
        }
    }

    @Test(
        .enabled(if: Torture.mayTrace, "strace is not installed, or may not trace here"),
        arguments: tracedCalls.filter { Torture.isLong || !$0.some.isEmpty })
    func `killed by strace at any such system call of a thread, it goes on too`(
        names: String, some: [Int]
    ) async throws {
        try await lives(names, some) { number in
            [
                // Not with --seccomp-bpf, with which strace 6.1 counts no further than to 1.
                "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(names)", "-e",
                "inject=\(names):signal=SIGKILL:when=\(number)",
            ]
        }
    }

    /// Lives that end at one call each: some, or all there are.
    private func lives(
        _ names: String, _ some: [Int], _ wrapper: (Int) -> [String]
    ) async throws {
        let sandbox = TemporaryFolder()
        let upstream = try await Upstream(
            arguments: ["--key", Installation.key, "--rows", "200"], in: sandbox.path)
        if !Torture.isLong {
            for number in some {
                let isKilled = try await life(upstream, names, number, wrapper(number))
                #expect(isKilled, "\(names): there is no call \(number)")
            }
            return
        }
        var number = 1
        while try await life(upstream, names, number, wrapper(number)) {
            number += 1
            try #require(number < SystemCallTests.callsMax, "no life of so many calls ends")
        }
        print("\(names): killed at \(number - 1) calls")
    }

    /// - Returns: whether it was killed.
    private func life(
        _ upstream: Upstream, _ names: String, _ number: Int, _ wrapper: [String]
    ) async throws -> Bool {
        let installation = Installation(
            on: upstream, settings: ["BACKUP_INTERVAL_HOURS": "0", "SHUTDOWN_GRACE": "1"])
        let ledger = Ledger(folder: "x")
        let inspection = Inspection(root: installation.root, folder: "x")
        let entry = ledger.next(in: number, of: 2)
        let process = try installation.spawnService(through: wrapper)
        let service = try await installation.listening(process, within: .seconds(60))
        if let service { await live(service, entry, ledger, in: installation) }
        let code = await process.waitForExit(within: .seconds(60))
        // Released any sooner it would be killed, as if by the call, and no life were the last one.
        withExtendedLifetime(service) {}
        let (isKilled, promised) = (code != 0, ledger.acknowledged.count)
        #expect(
            [0, -SIGKILL, 128 + SIGKILL].contains(code),
            "\(names) \(number): \(code ?? 1), \(promised) promised, \(process.errors)")
        if !isKilled { #expect(!ledger.acknowledged.isEmpty) }
        let left = try await inspection.problemsOfTheDead(ledger)
        #expect(left.isEmpty, "\(names) \(number): \(left)")

        let next = try await installation.startService()
        if ledger.acknowledged.isEmpty {
            // Not promised; it may be there all the same.
            let known = try installation.query("SELECT count(*) FROM download_jobs")
            if known == "0" { try await submit(entry, next, ledger) }
        }
        let isOver = await eventually(within: .seconds(60)) {
            (try? installation.query(
                """
                SELECT (SELECT count(*) FROM download_jobs WHERE completed_at IS NULL)
                    + (SELECT count(*) FROM notifications
                        WHERE delivered_at IS NULL AND refused_at IS NULL)
                """)) == "0"
        }
        #expect(isOver, "\(names) \(number): \(next.process.errors.suffix(2_000))")
        _ = await eventually(within: .seconds(5)) { inspection.parts.isEmpty }
        let problems = try await inspection.problemsAtRest(ledger)
        #expect(problems.isEmpty, "\(names) \(number): \(problems)")
        #expect(inspection.published.count == 2, "\(names) \(number): \(entry.request)")
        #expect(await next.stop() == 0)
        return isKilled
    }

    /// A job from its submission to its end, then the end of the service.
    private func live(
        _ service: RunningService, _ entry: Ledger.Entry, _ ledger: Ledger,
        in installation: Installation
    ) async {
        try? await submit(entry, service, ledger)
        _ = await eventually(within: .seconds(60)) {
            if service.process.exitCode != nil { return true }
            return
                (try? installation.query(
                    "SELECT count(*) FROM notifications WHERE delivered_at IS NOT NULL")) == "2"
        }
        await end(service, in: installation)
    }

    /// Tells it to stop until it has heard. strace takes no signals, so the service's own id is
    /// needed, which stands in its lock; and of a traced process a signal that it reads from a
    /// descriptor may get lost.
    private func end(_ service: RunningService, in installation: Installation) async {
        for _ in 0..<20 where service.process.exitCode == nil {
            let line = readFile("\(installation.database).lock") ?? []
            guard let pid = Int32(String(decoding: line.dropLast(), as: UTF8.self)) else { return }
            kill(pid, SIGTERM)
            let hasHeard = await eventually(within: .seconds(3)) {
                service.process.errors.contains("\"stopping\"")
                    || service.process.exitCode != nil
            }
            if hasHeard { return }
        }
    }

    private func submit(
        _ entry: Ledger.Entry, _ service: RunningService, _ ledger: Ledger
    ) async throws {
        let body = String(decoding: JSONCoding.encode(entry.request), as: UTF8.self)
        let reply = try await service.ask(
            "POST", "/download", body: body, headers: [("X-Username", entry.user)])
        let answer = try JSONCoding.decode(SubmitResponse.self, from: Array(reply.body.utf8))
        ledger.acknowledge(entry.user, as: answer.jobID)
    }
}
