// Whole answers with other bytes than the true ones.

import Datasets
import Gzip
import Jobs
import Tardis
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite(.timeLimit(.minutes(1)))
struct ContentFaultTests {
    private static func content(_ content: ContentFault) -> Fault { Fault(content: content) }

    private static let header = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
    private static let row =
        "binance,BTCUSDT,1704067200000000,1704067200000000,1,buy,42000.5,0.001\n"

    static let damaged: [FaultCase] = [
        .passing(
            "a web page under 200", CommonFault.html.fault, asked: [0, 2], ["retry web_page"],
            says: "A web page came in place of Tardis's answer"),
        .passing(
            "nothing under 200", content(ContentFault(truncateTo: 0)), asked: [0, 2],
            ["retry gzip_truncated"], says: "after 0 bytes"),
        .passing(
            "half a gzip with the right length", content(ContentFault(truncateTo: 2_000)),
            asked: [0, 2], ["retry gzip_truncated"], says: "after 2000 bytes"),
        .passing(
            "a wrong bit at the start", content(ContentFault(flipBitAt: 0)), asked: [0, 2],
            ["retry not_gzip"], says: "not gzip"),
        .passing(
            "a wrong bit in the checksum", content(ContentFault(flipBitAt: -8)), asked: [0, 2],
            ["retry gzip_damaged"], says: "is a damaged gzip: its checksum is wrong"),
        .passing(
            "a wrong bit in the length", content(ContentFault(flipBitAt: -1)), asked: [0, 2],
            ["retry gzip_damaged"], says: "is a damaged gzip"),
        .passing(
            "junk behind the gzip", content(ContentFault(append: "junk")), asked: [0, 2],
            ["retry gzip_damaged"], says: "has bytes behind the end of its gzip"),
        .passing(
            "a byte behind the gzip", content(ContentFault(append: "\0")), asked: [0, 2],
            ["retry gzip_damaged"], says: "has bytes behind the end of its gzip"),
        .passing(
            "the file twice in a row", content(ContentFault(members: 2)), asked: [0, 2],
            ["retry csv_repeated"], says: "begins again in its middle"),
    ]

    static let foreign: [FaultCase] = [
        .passing(
            "another header row", content(ContentFault(headerRow: "a,b,c")), asked: [0, 2],
            ["retry csv_header_wrong"],
            says: "does not begin with the columns of trades, but with"),
        .passing(
            "no header row", content(ContentFault(csv: row)), asked: [0, 2],
            ["retry csv_header_wrong"], says: "binance,BTCUSDT"),
        .passing(
            "rows of another symbol", content(ContentFault(symbol: "ETHUSDT")), asked: [0, 2],
            ["retry wrong_symbol"], says: "ETHUSDT"),
        .passing(
            "rows of another day", content(ContentFault(day: "2024-01-02")), asked: [0, 2],
            ["retry wrong_day"],
            says: "is of 2024-01-02 in line 2 (row 1), column 4 (local_timestamp)"),
        .passing(
            "a row that is cut off", content(ContentFault(csv: header + row + "binance,BTC")),
            asked: [0, 2], ["retry csv_row_wrong"], says: "has 2 columns in line 3 (row 2)"),
        .lasting(
            "rows of another symbol for ever", content(ContentFault(symbol: "ETHUSDT")),
            asked: [0, 2], ["retry wrong_symbol", "failed wrong_symbol"],
            says: "ETHUSDT"),
    ]

    static let large: [FaultCase] = [
        .lasting(
            "a bomb of line ends", content(ContentFault(bombBytes: 64 << 20)),
            asked: [0, 2, 6], (0..<3).map { _ in "retry csv_header_wrong" },
            says: "does not begin with the columns"),
        .lasting(
            "a bomb of rows",
            content(ContentFault(csv: header + String(repeating: row, count: 10_000))),
            asked: [0], ["failed too_large"], says: "expands to more than it may",
            change: { $0.tardis.gzipLimits = GzipLimits(ratioMax: 20, ratioExemptBytes: 50_000) }),
        .lasting(
            "more expanded bytes than allowed", Fault(delayMilliseconds: 0), asked: [0],
            ["failed too_large"], says: "expands to more than it may",
            change: { $0.tardis.gzipLimits = GzipLimits(expandedBytesMax: 10_000) }),
        .lasting(
            "more bytes than allowed", Fault(delayMilliseconds: 0), asked: [0],
            ["failed too_large"], says: "is larger than 1000 bytes",
            change: { $0.tardis.fileBytesMax = 1_000 }),
    ]

    static let empty: [FaultCase] = [
        FaultCase(
            name: "an empty gzip", rules: [FaultRule("/v1/*", fault: CommonFault.empty.fault)],
            asked: [0], attempts: ["published"], file: .empty, says: ""),
        FaultCase(
            name: "a header row without rows",
            rules: [FaultRule("/v1/*", fault: content(ContentFault(csv: header)))],
            asked: [0], attempts: ["published"], file: .empty, says: ""),
    ]

    @Test(arguments: damaged + foreign) func `a response that is not the file is requested again`(
        row: FaultCase
    ) async throws {
        try await row.check()
    }

    @Test(arguments: 0..<24) func `no wrong bit gets through`(eighth: Int) async throws {
        // From behind the magic number on; which check finds it depends on where it is.
        try await VirtualTime.run { time in
            let fault = ContentFaultTests.content(ContentFault(flipBitAt: 10 + eighth * 97))
            let bench = try FaultBench(time, faults: [FaultRule("/v1/*", fault: fault)])
            try await bench.running { queue, store in
                let id = try await bench.submit(to: queue, store, from: "2024-01-01")
                let (job, files) = try await bench.end(of: id, in: store)
                #expect(job.state == .completed)
                #expect(bench.asked(.upstream) == [0, 2])
                let file = try #require(files.first?.file)
                let truth = try await bench.upstream.truth(file)
                let isTrue = readFile("\(bench.root)/\(file.name)") == truth
                #expect(isTrue)
            }
        }
    }

    @Test(arguments: large) func `a transfer that is too large is stopped`(
        row: FaultCase
    ) async throws {
        try await row.check()
    }

    @Test(arguments: empty) func `a day without rows is empty`(row: FaultCase) async throws {
        try await row.check()
    }
}
