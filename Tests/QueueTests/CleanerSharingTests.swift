// Old jobs that share a file: it goes with the last of them, and not before.

import Jobs
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Queue

extension CleanerTests {
    @Test func `jobs that go in one round keep no file for one another`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            for _ in 0..<3 { try await ended(in: store, at: time.now, files: 2) }
            try await time.sleep(for: .seconds(91 * 86_400))
            let remover = Remover { file, users in
                users?.folders.contains(file.folder) == true ? .shared : .removed
            }
            let result = try await clean(cleaner(store, time, fileDays: 30, files: remover))
            #expect(result.jobs == 3 && result.files == 2)
            #expect(remover.files.count { $0.hasSuffix("removed") } == 2)
        }
    }

    /// Says of a file what the references to it ask for, and pins a job when it is first asked.
    private final class PinningRemover: FileRemoving {
        private let store: InMemoryJobStore
        private let pinned: JobID
        private let answers = Mutex<[FileRemoval]>([])

        init(_ store: InMemoryJobStore, pinning pinned: JobID) {
            self.store = store
            self.pinned = pinned
        }

        var removals: [FileRemoval] { answers.withLock { $0 } }

        func remove(
            _ file: PublishedFile, unless users: @Sendable () async -> FileReferences?
        ) async -> FileRemoval {
            let isShared = await users()?.folders.contains(file.folder) == true
            await store.change(pinned) { $0.isPinned = true }
            answers.withLock { $0.append(isShared ? .shared : .removed) }
            return isShared ? .shared : .removed
        }

        func removeEmptyFolders(_ folder: String) async -> Int { 0 }
    }

    @Test func `a job that is pinned during a round keeps the files that it shares`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let first = try await ended(in: store, at: time.now)
            try await ended(in: store, at: time.now)
            try await time.sleep(for: .seconds(91 * 86_400))
            let remover = PinningRemover(store, pinning: first)
            let cleaner = Cleaner(
                store: store, files: remover, settings: RetentionSettings(fileDays: 30),
                clock: time, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(try await clean(cleaner).jobs == 1)
            #expect(remover.removals == [.shared, .shared])
            #expect(await Array(store.jobs.keys) == [first])
        }
    }
}
