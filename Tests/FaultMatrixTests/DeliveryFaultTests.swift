// True bytes, brought badly, and ways that lead to no upstream at all.

import Datasets
import Gzip
import Jobs
import Tardis
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite(.timeLimit(.minutes(1)))
struct DeliveryFaultTests {
    private static func delivery(_ delivery: DeliveryFault) -> Fault { Fault(delivery: delivery) }

    private static let thrice = 0..<3

    private static let isImpatient: @Sendable (inout FaultBench) -> Void = {
        $0.tardis.stallTimeout = .seconds(2)
    }

    static let broken: [FaultCase] = [
        .passing(
            "closed without an answer", delivery(DeliveryFault(drop: .close)), asked: [0, 2],
            ["retry cut_short"], says: "127.0.0.1"),
        .passing(
            "reset without an answer", delivery(DeliveryFault(drop: .reset)), asked: [0, 2],
            ["retry cut_short"], says: "127.0.0.1"),
        .passing(
            "an answer that is no HTTP", delivery(DeliveryFault(raw: "SSH-2.0-x\r\n\r\n")),
            asked: [0, 2], ["retry malformed_reply"], says: "127.0.0.1"),
        .passing(
            "closed after 512 bytes, twice", CommonFault.short.fault, times: 2, asked: [0, 2, 6],
            ["retry cut_short", "retry cut_short"], says: "127.0.0.1"),
        .passing(
            "reset after 512 bytes", CommonFault.reset.fault, asked: [0, 2], ["retry cut_short"],
            says: "127.0.0.1"),
        .lasting(
            "reset after 512 bytes for ever", CommonFault.reset.fault, asked: [0, 2, 6],
            thrice.map { _ in "retry cut_short" }, says: "127.0.0.1"),
        .passing(
            "a body shorter than its length",
            delivery(DeliveryFault(contentLength: 10_000_000)), asked: [0, 2],
            ["retry cut_short"], says: "127.0.0.1"),
        .passing(
            "a body longer than its length", delivery(DeliveryFault(contentLength: 700)),
            asked: [0, 2], ["retry gzip_truncated"],
            says: "is a gzip that ends too early, after 700 bytes"),
        .passing(
            "chunks that break off",
            delivery(DeliveryFault(closeAfter: 512, framing: .chunked)), asked: [0, 2],
            ["retry cut_short"], says: "127.0.0.1"),
        .passing(
            "a body without a length that breaks off",
            Fault(
                content: ContentFault(truncateTo: 512), delivery: DeliveryFault(framing: .close)),
            asked: [0, 2], ["retry gzip_truncated"], says: "after 512 bytes"),
        .passing(
            "nothing after 512 bytes", CommonFault.stall.fault, asked: [0, 2],
            ["retry timed_out"], says: "127.0.0.1", change: isImpatient),
        .passing(
            "nothing at all", Fault(delayMilliseconds: 60_000), asked: [0, 2],
            ["retry timed_out"], says: "127.0.0.1", change: isImpatient),
        .passing(
            "slower than it may be", delivery(DeliveryFault(bytesPerSecond: 60)),
            asked: [0, 2], ["retry timed_out"], says: "127.0.0.1", change: isImpatient),
    ]

    static let odd: [FaultCase] = [
        .passing(
            "chunks", delivery(DeliveryFault(framing: .chunked)), asked: [0], [], says: ""),
        .passing(
            "a body without a length", delivery(DeliveryFault(framing: .close)), asked: [0], [],
            says: ""),
        .passing(
            "a pause that is shorter than a stall",
            delivery(DeliveryFault(stallAfter: 512, stallMilliseconds: 200)), asked: [0], [],
            says: ""),
    ]

    static let ways: [FaultCase] = [
        .lasting(
            "connection refused", Fault(), asked: [], thrice.map { _ in "retry connect_failed" },
            says: "127.0.0.1", change: { $0.tardis.datasetsURL = "http://127.0.0.1:1/v1" }),
        .lasting(
            "a name that does not exist", Fault(), asked: [],
            thrice.map { _ in "retry dns_failed" }, says: "no-such-host.invalid",
            change: { $0.tardis.datasetsURL = "http://no-such-host.invalid/v1" }),
        .lasting(
            "a TLS handshake with a server that knows none", Fault(), asked: [],
            thrice.map { _ in "retry tls_failed" },
            says: "127.0.0.1",
            change: { $0.tardis.datasetsURL = $0.upstream.url.replacing("http:", with: "https:") }),
    ]

    @Test(arguments: broken) func `a broken transfer is repeated from its beginning`(
        row: FaultCase
    ) async throws {
        try await row.check()
    }

    @Test(arguments: odd) func `an unusual but complete transfer is published`(
        row: FaultCase
    ) async throws {
        try await row.check()
    }

    @Test(arguments: ways) func `an unreachable address fails with a message`(
        row: FaultCase
    ) async throws {
        try await row.check()
    }
}
