// What every store must do: keep the limits that were set, and by which user.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct LimitsConformance {
    @Test(arguments: StoreKind.all)
    func `limits are kept with who set them, also across a restart`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let ann = Principal(name: "ann", address: "10.0.0.7", isAdmin: true)
        #expect(try await test.store.limitSettings() == [:])
        let set = try await test.store.set(
            [.transfers: 8, .bytesPerSecond: 0], by: ann, detail: "both", at: .noon)
        #expect(Set(set.keys) == [.transfers, .bytesPerSecond])
        #expect(set[.transfers]?.value == 8)
        #expect(set[.transfers]?.changedBy == "ann")
        #expect(set[.transfers]?.changedAt == .noon)
        let later = Timestamp.noon(plusSeconds: 5)
        let bob = Principal(name: "bob")
        let back = try await test.store.set(
            [.transfers: nil], by: bob, detail: "back", at: later)
        #expect(back.keys.elementsEqual([.transfers]))
        #expect(back[.transfers]?.value == nil)
        #expect(back[.transfers]?.changedBy == "bob")
        let former = try #require(set[.transfers])
        let latter = try #require(back[.transfers])
        #expect(former.revision < latter.revision)

        let next = try kind.open(test.folder)
        let kept = try await next.limitSettings()
        #expect(kept == set.merging(back) { $1 })
    }

    @Test func `each change is one event, and one of an unknown limit is passed over`()
        async throws
    {
        let folder = TemporaryFolder()
        let store = try SQLiteJobStore(path: folder.path("downloads.db"), readers: 1)
        defer { store.close() }
        let ann = Principal(name: "ann", address: "10.0.0.7", isAdmin: true)
        _ = try await store.set(
            [.transfers: 8, .runningJobs: 2], by: ann, detail: "transfers: 16 → 8", at: .noon)
        let events = try store.read { database in
            try database.rows("SELECT job_id IS NULL, kind, actor, address, detail FROM job_events")
            { "\($0.integer(0)) \($0.text(1)) \($0.text(2)) \($0.text(3)) \($0.text(4))" }
        }
        #expect(events == ["1 limits_changed ann 10.0.0.7 transfers: 16 → 8"])
        try await store.write { try $0.execute("UPDATE limits SET name = 'x' WHERE value = 8") }
        #expect(try await store.limitSettings().keys.elementsEqual([.runningJobs]))
    }
}
