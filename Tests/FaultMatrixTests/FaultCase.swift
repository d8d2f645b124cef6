// One row of the fault matrix: a fault of the upstream, and its consequences for a job of one file.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis
@testable import tardis_sandbox

/// A fault and its consequences.
struct FaultCase: CustomTestStringConvertible, Sendable {
    var name: String
    var rules: [FaultRule]
    /// When Tardis is asked for the file, in seconds since the job began.
    var asked: [Double]
    /// When Tardis's object storage is.
    var storage: [Double] = []
    /// The outcome of each attempt: its kind and the failure's code.
    var attempts: [String]
    /// How the file ends; the job is completed where that is good, else failed.
    var file: FileState
    /// Part of what the first failure says.
    var says: String
    var isPaid = false
    var change: @Sendable (inout FaultBench) -> Void = { _ in }

    var testDescription: String { name }

    /// A fault of the first requests; the file is published in the end.
    static func passing(
        _ name: String, _ fault: Fault, times: Int = 1, asked: [Double], _ attempts: [String],
        says: String, change: @escaping @Sendable (inout FaultBench) -> Void = { _ in }
    ) -> FaultCase {
        FaultCase(
            name: name, rules: [FaultRule("/v1/*", times: times, fault: fault)], asked: asked,
            attempts: attempts + ["published"], file: .ok, says: says, change: change)
    }

    /// A fault of every request; three attempts are allowed.
    static func lasting(
        _ name: String, _ fault: Fault, asked: [Double], _ attempts: [String], says: String,
        change: @escaping @Sendable (inout FaultBench) -> Void = { _ in }
    ) -> FaultCase {
        FaultCase(
            name: name, rules: [FaultRule("/v1/*", times: nil, fault: fault)], asked: asked,
            attempts: attempts, file: .failed, says: says, change: change)
    }

    /// Runs the job and checks everything.
    func check() async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time, faults: rules)
            change(&bench)
            try await check(bench)
        }
    }

    private func check(_ bench: FaultBench) async throws {
        try await bench.running { queue, store in
            let id = try await bench.submit(
                to: queue, store, from: isPaid ? "2024-01-02" : "2024-01-01")
            let (job, files) = try await bench.end(of: id, in: store)
            let record = try #require(files.first)
            #expect(files.count == 1)
            #expect(bench.asked(.upstream) == asked)
            #expect(bench.asked(.storage) == storage)
            let outcomes = bench.attempts.entries.map(\.outcome)
            #expect(outcomes.map(\.summary) == attempts)
            #expect(record.state == file)
            #expect(record.attempts == outcomes.count { !$0.isUncounted })
            #expect(job.state == (file.isGood ? .completed : .failed))
            let failure = outcomes.compactMap(\.failure).first
            #expect(failure?.detail.contains(says) ?? says.isEmpty, "\(failure?.detail ?? "")")
            let last: JobNotification.Kind = file.isGood ? .completed : .failed
            #expect(bench.channel.notifications.map(\.kind) == [.started, last])
            // However many refusals there are, the team is alerted once.
            let pauses = attempts.contains { $0.hasPrefix("pause ") }
            #expect(
                bench.channel.alerts.filter { !$0.isOver }.map(\.kind)
                    == (pauses ? [.upstreamPaused] : []))
            if let failure = record.failure {
                #expect(job.errorMessage?.contains(failure.detail) == true)
                #expect(job.errorMessage?.contains(record.file.name) == true)
                #expect(failure.detail.contains(FaultBench.key) == false)
            } else {
                #expect(job.errorMessage == nil)
            }
            try await checkFolder(bench, record)
        }
    }

    /// The data root holds nothing but the file, if it was published, with the right bytes.
    private func checkFolder(_ bench: FaultBench, _ record: FileRecord) async throws {
        let found = TemporaryFolder.tree(bench.root)
        switch record.state {
        case .ok:
            #expect(found == [record.file.name])
            let truth = try await bench.upstream.truth(record.file)
            // Compared first, so that a failure does not print kilobytes of numbers.
            let isTrue = readFile("\(bench.root)/\(record.file.name)") == truth
            #expect(isTrue)
        case .empty:
            #expect(found == [record.file.name])
        default:
            #expect(found == [])
        }
    }
}

extension DownloadOutcome {
    /// Whether the attempt does not count.
    var isUncounted: Bool {
        switch self {
        case .pauseUpstream, .awaitSpace, .awaitUpstream, .interrupted: true
        default: false
        }
    }

    /// The kind of outcome and the failure's code, such as `retry gzip_damaged`.
    var summary: String {
        switch self {
        case .published: "published"
        case .unavailable(let failure): "unavailable \(failure.code)"
        case .failed(let failure): "failed \(failure.code)"
        case .retry(_, let failure): "retry \(failure.code)"
        case .stopJob(let failure): "stopJob \(failure.code)"
        case .pauseUpstream(_, let failure): "pause \(failure.code)"
        case .awaitSpace(let failure): "await space \(failure.code)"
        case .awaitUpstream: "await upstream"
        case .interrupted: "interrupted"
        }
    }
}
