// A downloader that follows a script and records its calls.

package import Datasets
package import Jobs
import Synchronization

/// Answers attempts by a script, in virtual time, and counts them.
package actor ScriptedDownloader: Downloading {
    /// What one attempt does.
    package struct Step: Sendable {
        package var outcome: DownloadOutcome
        /// How long it takes.
        package var span: Duration
        /// After how much of that the file begins to come; `nil` where it does not.
        package var admission: Duration?

        package init(
            _ outcome: DownloadOutcome, after span: Duration = .milliseconds(10),
            admittedAfter admission: Duration? = nil
        ) {
            self.outcome = outcome
            self.span = span
            self.admission = admission
        }
    }

    /// One attempt, as it was asked for.
    package struct Call: Hashable, Sendable {
        package var file: DatasetFile
        package var folder: String
        package var attempt: Int
        package var at: Timestamp
        package var context: DownloadContext
    }

    /// In the order in which they began.
    package private(set) var calls: [Call] = []
    /// Attempts that were cut short.
    package private(set) var interruptions = 0
    package private(set) var inFlight = 0
    /// The most attempts that were under way at once, overall and by folder.
    package private(set) var inFlightMax = 0
    package private(set) var inFlightMaxByFolder: [String: Int] = [:]

    /// The jobs that were said to be over.
    package var forgotten: [JobID] { ended.withLock { $0 } }

    private let ended = Mutex<[JobID]>([])
    package private(set) var inFlightByFolder: [String: Int] = [:]
    private let clock: any Timekeeping
    private let script: @Sendable (Call) -> Step

    package init(clock: any Timekeeping, script: @escaping @Sendable (Call) -> Step) {
        self.clock = clock
        self.script = script
    }

    /// Publishes everything.
    package init(clock: any Timekeeping) {
        self.init(clock: clock) { _ in Step(.published(.sample)) }
    }

    package func download(
        _ file: DatasetFile, to folder: String, attempt: Int, context: DownloadContext,
        admitted: @escaping @Sendable () -> Void
    ) async -> DownloadOutcome {
        let call = Call(
            file: file, folder: folder, attempt: attempt, at: clock.now, context: context)
        calls.append(call)
        inFlight += 1
        inFlightByFolder[folder, default: 0] += 1
        inFlightMax = max(inFlightMax, inFlight)
        inFlightMaxByFolder[folder] = max(
            inFlightMaxByFolder[folder] ?? 0, inFlightByFolder[folder] ?? 0)
        defer {
            inFlight -= 1
            inFlightByFolder[folder, default: 0] -= 1
        }
        let step = script(call)
        do {
            if let admission = step.admission {
                try await clock.sleep(for: admission)
                admitted()
            }
            try await clock.sleep(for: step.span - (step.admission ?? .zero))
        } catch {
            interruptions += 1
            return .interrupted
        }
        return step.outcome
    }

    package nonisolated func forget(filesOf job: Job) {
        ended.withLock { $0.append(job.id) }
    }
}

extension FileChecksum {
    /// A file with rows.
    package static let sample = FileChecksum(
        bytes: 1_000, rows: 10, firstTimestamp: nil, lastTimestamp: nil,
        sha256: String(repeating: "ab", count: 32))
    /// A file without.
    package static let empty = FileChecksum(
        bytes: 20, rows: 0, firstTimestamp: nil, lastTimestamp: nil,
        sha256: String(repeating: "00", count: 32))
}

extension Downloading {
    /// An attempt without a callback for its admission.
    package func download(
        _ file: DatasetFile, to folder: String, attempt: Int,
        context: DownloadContext = DownloadContext()
    ) async -> DownloadOutcome {
        await download(file, to: folder, attempt: attempt, context: context, admitted: {})
    }
}

extension DownloadOutcome {
    /// Why the attempt failed; `nil` where it did not, or was cut short.
    package var failure: FileFailure? {
        var found: FileFailure?
        _ = mappingFailure { failure in
            found = failure
            return failure
        }
        return found
    }
}
