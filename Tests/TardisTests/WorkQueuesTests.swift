// Which queue a task gets, how many syncs make names durable, and what a failed sync means for
// them.

import Dispatch
import Posix
import Synchronization
import TestSupport
import Testing

@testable import Tardis

/// Syncs that wait for a permission and end as they are told.
private final class ScriptedSync: Sendable {
    private let results = Mutex<[Result<Void, SystemError>]>([])
    private let begun = Atomic(0)
    let permission = DispatchSemaphore(value: 0)

    var count: Int { begun.load(ordering: .acquiring) }

    func fail(with error: SystemError) {
        results.withLock { $0.append(.failure(error)) }
    }

    func callAsFunction() throws(SystemError) {
        begun.add(1, ordering: .acquiringAndReleasing)
        permission.wait()
        let result = results.withLock { $0.isEmpty ? .success(()) : $0.removeFirst() }
        try result.get()
    }
}

@Suite struct DirectorySyncCoalescerTests {
    private let folder = TemporaryFolder()
    private let sync = ScriptedSync()
    private let syncs: DirectorySyncCoalescer

    init() {
        let sync = sync
        syncs = DirectorySyncCoalescer { _ throws(SystemError) in try sync() }
    }

    private func joined(
        _ folder: ConfinedFolder, since failures: Int = 0
    ) async throws -> Task<Bool, Never> {
        let identity = try folder.identity
        let before = await syncs.joinedCount
        let task = Task { [syncs] in
            do {
                try await syncs.sync(folder, identity, since: failures)
                return true
            } catch {
                return false
            }
        }
        while await syncs.joinedCount == before { await Task.yield() }
        return task
    }

    private func await(_ count: Int) async {
        while sync.count < count { await Task.yield() }
    }

    @Test func `those who come while a folder is synced share its next sync`() async throws {
        let folder = try ConfinedFolder(root: folder.path)
        let first = try await joined(folder)
        await self.await(1)
        let later = [try await joined(folder), try await joined(folder), try await joined(folder)]
        sync.permission.signal()
        #expect(await first.value)
        sync.permission.signal()
        for task in later { #expect(await task.value) }
        #expect(sync.count == 2)
    }

    @Test func `a sync under way does not count for those who come then`() async throws {
        let folder = try ConfinedFolder(root: folder.path)
        let first = try await joined(folder)
        await self.await(1)
        let second = try await joined(folder)
        sync.permission.signal()
        #expect(await first.value)
        await self.await(2)
        sync.permission.signal()
        #expect(await second.value)
    }

    @Test func `folders do not wait for each other`() async throws {
        let first = try await joined(try ConfinedFolder(root: folder.path("a")))
        let second = try await joined(try ConfinedFolder(root: folder.path("b")))
        await self.await(2)
        sync.permission.signal()
        sync.permission.signal()
        #expect(await first.value)
        #expect(await second.value)
    }

    @Test func `a failed sync fails all whose names may have been lost by it`() async throws {
        let folder = try ConfinedFolder(root: folder.path)
        sync.fail(with: SystemError(call: "fsync", code: 5))
        let first = try await joined(folder)
        await self.await(1)
        // Has its name since before the failure; its own sync goes well.
        let second = try await joined(folder)
        sync.permission.signal()
        #expect(await first.value == false)
        #expect(syncs.failures == 1)
        sync.permission.signal()
        #expect(await second.value == false)
        let third = try await joined(folder, since: syncs.failures)
        sync.permission.signal()
        #expect(await third.value)
    }
}

@Suite struct WorkQueuesTests {
    @Test func `gives out every queue before any of them twice`() async {
        let queues = WorkQueues(count: 3)
        await queues.lend { first in
            await queues.lend { second in
                await queues.lend { third in
                    #expect(Set([first, second, third].map(\.label)).count == 3)
                }
            }
        }
    }

    @Test func `gives out again what was given back`() async {
        let queues = WorkQueues(count: 2)
        await queues.lend { first in
            let second = await queues.lend { $0.label }
            await queues.lend { third in
                #expect(third.label == second)
                #expect(third !== first)
            }
        }
    }
}
