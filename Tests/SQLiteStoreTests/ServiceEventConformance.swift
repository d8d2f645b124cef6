// What every store must do when people do something to the service as a whole.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct ServiceEventConformance {
    private static let ann = Principal(name: "ann", address: "10.0.0.7")

    @Test(arguments: StoreKind.all)
    func `ending an upstream pause makes files due that wait for its end`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 2)
        _ = try await test.store.claimFiles(of: job.id, limit: 2, at: .noon)
        let end = Timestamp.noon(plusSeconds: 7_200)
        for position in 0..<2 {
            try await test.store.record(
                .released(notBefore: end), of: job.id, position: position)
        }
        try await test.store.note(
            .parked, about: .jobs([job.id]), by: .service, detail: "Until two.",
            setting: [
                UpstreamPause.untilKey: end.iso8601, UpstreamPause.reasonKey: "quota",
            ],
            at: .noon)
        let now = Timestamp.noon(plusSeconds: 60)
        #expect(try await test.store.claimFiles(of: job.id, limit: 2, at: now).isEmpty)
        try await test.store.endUpstreamPause(
            by: ServiceEventConformance.ann, detail: "It was quota.", at: now)
        #expect(try await test.store.claimFiles(of: job.id, limit: 2, at: now).count == 2)
        #expect(try await test.store.value(for: UpstreamPause.untilKey) == nil)
        #expect(try await test.store.value(for: UpstreamPause.reasonKey) == nil)
        let event = try await test.store.events(of: nil, limit: 1, offset: 0).events.first
        #expect(event?.kind == .upstreamResumed)
        #expect(event?.job == nil)
        #expect(event?.principal == ServiceEventConformance.ann)
    }

    @Test(arguments: StoreKind.all)
    func `what is done to the service is an event of no job, with the facts that it changes`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        try await test.store.set("old", for: "gone")
        try await test.store.note(
            .dataRootConfirmed, about: .service, by: ServiceEventConformance.ann, detail: "/data",
            setting: ["data_root": "marker /data", "gone": nil], at: .noon)
        #expect(try await test.store.value(for: "data_root") == "marker /data")
        #expect(try await test.store.value(for: "gone") == nil)
        let event = try await test.store.events(of: nil, limit: 1, offset: 0).events.first
        #expect(event?.kind == .dataRootConfirmed)
        #expect(event?.detail == "/data")
    }
}
