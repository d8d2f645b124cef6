// A service whose files may have a few megabytes only (ulimit -f).

import APITypes
import ServiceSupport
import TestSupport
import Testing

@Suite struct FileSizeLimitTests {
    @Test func `a file beyond ulimit -f fails alone, and the service goes on`() async throws {
        let installation = try await Installation(sandbox: ["--rows", "300000"])
        // 2 MiB in blocks of 512 bytes.
        let process = try installation.spawnService(
            through: ["/bin/sh", "-c", "ulimit -f 4096 && exec \"$0\""])
        let service = try await installation.listening(process).orFail(process.errors)
        #expect(process.errors.contains("files are limited to 2 MiB (ulimit -f)"))
        let header = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount"
        let row = "binance,ETHUSDT,1704067200000000,1704067200000000,1,buy,1,1"
        // In chunks, so that its length is not known before.
        try await installation.upstream.play(
            #"""
            [{"match":"*BTCUSDT*","times":99,"fault":{"framing":"chunked"}},
             {"match":"*ETHUSDT*","times":99,"fault":{"csv":"\#(header)\n\#(row)\n"}}]
            """#)
        let large = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        let small = try await service.submit(
            exchange: "binance", symbols: ["ETHUSDT"], from: "2024-01-01", to: "2024-01-01")
        #expect(try await service.end(of: small.jobID).status == "completed")
        let job = try await service.end(of: large.jobID)
        #expect(job.status == "failed")
        #expect(
            job.errorMessage?.contains("2 MiB (ulimit -f, LimitFSIZE= of systemd)") == true,
            "\(job.errorMessage ?? "")")
        #expect(try await installation.upstream.requests(for: "BTCUSDT.csv.gz").count == 1)
        #expect(installation.publishedNames() == ["binance_trades_2024-01-01_ETHUSDT.csv.gz"])
        #expect(process.exitCode == nil)
        #expect(await service.stop() == 0)
    }
}
