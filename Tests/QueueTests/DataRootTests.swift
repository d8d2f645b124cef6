// Another folder in the place of the data root is noticed before any file is written to it.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(1)))
struct DataRootTests {
    @Test func `another data root stops downloads until the right one is back`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let freeSpace = ScriptedFreeSpace(1 << 40)
            for round in 0..<2 {
                var bench = Bench(time, store: store)
                bench.freeSpace = freeSpace
                try await bench.running { [bench] queue in
                    if round == 0 {
                        try await bench.submit(to: queue)
                        #expect(try await bench.settled())
                    } else {
                        // Also after a restart.
                        freeSpace.mount(marker: nil)
                        let id = try await bench.submit(to: queue)
                        try await time.sleep(for: .seconds(100))
                        #expect(try await bench.job(id).state == .pending)
                        #expect(await queue.waitReason(of: id) == .storage(.changed))
                        #expect(await queue.waitReasons(of: [id]) == [id: .storage(.changed)])
                        #expect(await bench.channel.alerts.map(\.kind) == [.dataRootChanged])
                        freeSpace.mount(marker: "marker1")
                        #expect(try await bench.settled())
                        #expect(try await bench.job(id).state == .completed)
                    }
                }
            }
        }
    }

    @Test func `another data root is used once it is confirmed`() async throws {
        try await VirtualTime.run { time in
            let freeSpace = ScriptedFreeSpace(1 << 40)
            var bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(60))
            }
            bench.freeSpace = freeSpace
            let boss = Principal(name: "boss", isAdmin: true)
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue)
                #expect(try await queue.confirmDataRoot(by: boss) == nil)
                try await time.sleep(for: .seconds(10))
                #expect(await bench.upstream.inFlight == 2)
                freeSpace.mount(marker: nil)
                try await time.sleep(for: .seconds(6))
                #expect(await bench.upstream.inFlight == 0)
                #expect(await bench.upstream.interruptions == 2)
                freeSpace.refuse(StorageRefusal("Read-only file system"))
                await #expect(throws: StorageRefusal.self) {
                    try await queue.confirmDataRoot(by: boss)
                }
                freeSpace.refuse(nil)
                #expect(try await queue.confirmDataRoot(by: boss)?.marker == "marker2")
                #expect(await bench.store.facts["data_root"] == "marker2 /data sets")
                #expect(await bench.store.events.last { $0.job == nil }?.kind == .dataRootConfirmed)
                #expect(try await bench.settled())
                #expect(try await bench.job(id).state == .completed)
            }
        }
    }

    @Test func `one that another process confirmed, or the settings name, is used`()
        async throws
    {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            try await store.set("old /elsewhere", for: "data_root")
            let freeSpace = ScriptedFreeSpace(1 << 40)
            var bench = Bench(time, store: store)
            bench.freeSpace = freeSpace
            try await bench.running { [bench] queue in
                try await bench.submit(to: queue)
                #expect(try await bench.settled())
                freeSpace.mount(marker: "other")
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(20))
                #expect(await queue.waitReason(of: id) == .storage(.changed))
                try await store.set("other /data sets", for: "data_root")
                #expect(try await bench.settled())
            }
        }
    }

    @Test func `a data root that cannot be written holds up all jobs`() async throws {
        try await VirtualTime.run { time in
            let freeSpace = ScriptedFreeSpace(1 << 40)
            freeSpace.refuse(StorageRefusal("Read-only file system"))
            var bench = Bench(time)
            bench.freeSpace = freeSpace
            try await bench.running { [bench] queue in
                try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(20))
                #expect(await queue.obstacles() == [.storage(.unusable("Read-only file system"))])
                #expect(await bench.channel.alerts.map(\.kind) == [.notWritable])
                freeSpace.refuse(nil)
                #expect(try await bench.settled())
                // The pause was short, so its end is not announced.
                #expect(await bench.channel.alerts.count == 1)
            }
        }
    }
}
