// The life of a store and a job in it while the database's disk fails, and what must hold after it.

import Datasets
import FaultyVFS
import Jobs
import Queue
import SQLite
import SQLiteStore
import TestSupport

/// Opens a store, runs a queue on it, submits a job, waits for its end, closes, and looks at what
/// is left with a disk that works.
struct DatabaseLife: Sendable {
    struct Outcome: Sendable {
        var failures: Int
        /// What should not be.
        var problems: [String]
    }

    let time: VirtualTime
    private let fault: DatabaseFault?
    private let call: Int
    private let folder: TemporaryFolder
    private var path: String { folder.path("jobs.db") }
    private static let request = DownloadRequest(
        exchange: "binance", dataTypes: [.trades], symbols: ["BTCUSDT"],
        days: day("2024-01-02")...day("2024-01-04"), outputPath: "./datasets/x",
        createdBy: "intern", notes: ["a note"])

    /// - Parameter call: the first call that fails, from 1 on.
    init(
        _ time: VirtualTime, _ fault: DatabaseFault?, at call: Int,
        in folder: TemporaryFolder = TemporaryFolder()
    ) {
        self.time = time
        self.fault = fault
        self.call = call
        self.folder = folder
    }

    static func open(_ path: String) throws -> SQLiteJobStore {
        try SQLiteJobStore(path: path, readers: 1)
    }

    func run() async throws -> Outcome {
        try await run { submit in
            // A client that is refused submits again.
            while try await submitOnce(submit) == nil { try await time.sleep(for: .seconds(7)) }
        }
    }

    private func submitOnce(_ submit: () async throws -> JobID?) async throws -> JobID? {
        do {
            return try await submit()
        } catch JobError.storeFailed {
            return nil
        }
    }

    /// Runs a life in which the body submits jobs.
    func run(
        _ body: (_ submit: () async throws -> JobID?) async throws -> Void
    ) async throws -> Outcome {
        if let fault {
            faulty_vfs_arm(
                folder.path, UInt32(fault.kinds), fault.code, call, fault.count)
        }
        let store = try openAtLast()
        let channel = InstantChannel()
        var acknowledged: [JobID] = []
        let timeless = TimelessStore(store: store, time: time)
        try await withQueue(on: timeless, time, ScriptedDownloader(clock: time), channel) { queue in
            async let mending: Void = mendLater()
            try await body {
                let job = try await timeless.insert(DatabaseLife.request, at: time.now)
                acknowledged.append(job.id)
                queue.wake(for: job)
                return job.id
            }
            try? await mending
            for id in acknowledged { try await end(of: id, in: timeless) }
        }
        store.close()
        let failures = fault == nil ? 0 : faulty_vfs_failures()
        faulty_vfs_mend()
        return Outcome(failures: failures, problems: try await findings(acknowledged, channel))
    }

    /// A start that fails says why; the next one, with a disk that works, does not.
    private func openAtLast() throws -> SQLiteJobStore {
        do {
            return try DatabaseLife.open(path)
        } catch JobError.storeFailed {
            if fault?.count == .max { faulty_vfs_mend() }
            return try DatabaseLife.open(path)
        }
    }

    /// The disk works again after a while.
    private func mendLater() async throws {
        try await time.sleep(for: .seconds(40))
        faulty_vfs_mend()
    }

    private func end(of id: JobID, in store: any ServiceStore) async throws {
        let hasEnded = try await time.wait(atMost: .seconds(7_200), step: .seconds(1)) {
            let job = (try? await store.job(id)) ?? nil
            guard job?.state.isFinal == true else { return false }
            return ((try? await store.nextNotification()) ?? nil) == nil
        }
        if !hasEnded { throw JobError.storeFailed("job \(id) does not end") }
    }

    /// What is wrong with what a life has left.
    private func findings(
        _ acknowledged: [JobID], _ channel: InstantChannel
    ) async throws -> [String] {
        var problems: [String] = []
        let database = try Database(path: path, access: .plain)
        problems += try database.problems(thorough: true)
        database.close()
        let store = try DatabaseLife.open(path)
        defer { store.close() }
        for id in acknowledged {
            guard let job = try await store.job(id) else {
                problems.append("job \(id) is lost")
                continue
            }
            let request = DatabaseLife.request
            if job.state != .completed { problems.append("job \(id) is \(job.state)") }
            if job.exchange != request.exchange || job.symbols != request.symbols
                || job.createdBy != request.createdBy || job.notes != request.notes
                || job.startDate != "2024-01-02" || job.endDate != "2024-01-04"
                || job.outputPath != request.outputPath || job.dataTypes != ["trades"]
            {
                problems.append("job \(id) has other fields: \(job)")
            }
            let files = try await store.files(of: id, in: [.ok], limit: 10, offset: 0)
            if files.count != 3 || files.contains(where: { $0.attempts != 1 }) {
                problems.append("job \(id) has files \(files.map(\.attempts))")
            }
            let sent = channel.notifications.filter { $0.job.id == id }.map(\.kind)
            if sent != [.started, .completed] { problems.append("job \(id) has sent \(sent)") }
        }
        if acknowledged.isEmpty { problems.append("no job was ever accepted") }
        return problems
    }
}
