// Valid submissions, and those that the catalogue rejects.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct SubmissionTests {
    private func body(
        exchange: String = "binance", symbols: String = #"["BTCUSDT"]"#,
        start: String = "2024-01-01", end: String = "2024-01-02", more: String = ""
    ) -> String {
        #"{"exchange":"\#(exchange)","symbols":\#(symbols),"start_date":"\#(start)","#
            + #""end_date":"\#(end)"\#(more)}"#
    }

    @Test func `a usual spelling is understood, and the response says so`() async throws {
        let fixture = Fixture()
        let reply = await fixture.submit(
            body(symbols: #"["BTC-USDT"]"#, more: #","data_types":["book_change_l2"]"#))
        #expect(reply.status == 202)
        let notes = (reply.json["notes"]?.elements ?? []).compactMap(\.string)
        #expect(notes.contains { $0.contains("BTC-USDT") && $0.contains("BTCUSDT") })
        #expect(notes.contains { $0.contains("incremental_book_L2") })
        #expect(notes.count == 2)
        let message = try #require(reply.json["message"]?.string)
        for note in notes { #expect(message.contains(note)) }
        let job = try #require(try await fixture.store.job(JobID(1)))
        #expect(job.symbols == ["BTCUSDT"])
        #expect(job.dataTypes == ["incremental_book_L2"])
        #expect(job.notes == notes)
    }

    @Test func `an unknown exchange is refused with the nearest`() async throws {
        let fixture = Fixture()
        let reply = await fixture.submit(body(exchange: "binanse"))
        #expect(reply.status == 422)
        #expect(reply.problems == ["value_error @ body.exchange"])
        let problem = try #require(reply.json["detail"]?.elements?.first)
        let message = try #require(problem["msg"]?.string)
        #expect(message.hasPrefix("Value error, "))
        #expect(message.contains("binance"))
        #expect(problem["input"] == "binanse")
        #expect(fixture.submissions.value == 0)
        #expect(try await fixture.store.job(JobID(1)) == nil)
    }

    @Test func `an unknown symbol is refused by its index`() async throws {
        let reply = await Fixture().submit(body(symbols: #"["ETHUSDT","BTCUSTD"]"#))
        #expect(reply.problems == ["value_error @ body.symbols.1"])
        let problem = try #require(reply.json["detail"]?.elements?.first)
        #expect(problem["input"] == "BTCUSTD")
        #expect(problem["msg"]?.string?.contains("BTCUSDT") == true)
    }

    @Test func `all problems of a request are reported together`() async {
        let reply = await Fixture().submit(
            #"{"exchange":"Binance!","symbols":[1,"BTCUSDT"],"start_date":"2024-02-30","#
                + #""data_types":["l9_book"],"output_path":"../x"}"#)
        #expect(reply.status == 422)
        #expect(
            Set(reply.problems) == [
                "string_type @ body.symbols.0", "missing @ body.end_date",
                "value_error @ body.exchange", "value_error @ body.data_types.0",
                "value_error @ body.start_date", "value_error @ body.output_path",
            ])
    }

    @Test func `dates are real, ordered and not in the future`() async {
        for (start, end, place) in [
            ("2024-01-02", "2024-01-01", "end_date"), ("2023-02-29", "2024-01-01", "start_date"),
            ("2024-01-01", "2024-1-2", "end_date"), ("2024-06-15", "2024-06-16", "end_date"),
        ] {
            let reply = await Fixture().submit(body(start: start, end: end))
            #expect(reply.status == 422)
            #expect(reply.problems == ["value_error @ body.\(place)"])
        }
        #expect(await Fixture().submit(body(start: "2024-01-01", end: "2024-01-01")).status == 202)
    }

    @Test func `too many files are refused with the number`() async {
        let reply = await Fixture(filesMax: 31).submit(body(end: "2024-02-01"))
        #expect(reply.status == 422)
        #expect(reply.problems == ["value_error @ body"])
        #expect(reply.text.contains("32"))
        #expect(reply.text.contains("31"))
    }

    @Test func `without a catalogue the job is accepted, and the response says so`() async throws {
        for catalogue in [DeadCatalogue(), DeadCatalogue(hangs: true)] {
            let fixture = Fixture(catalogue: catalogue, time: FixedTime(sleepsEnd: true))
            let reply = await fixture.submit(body(exchange: "nowhere", symbols: #"["X-Y"]"#))
            #expect(reply.status == 202)
            #expect(reply.json["message"]?.string?.contains("checked as the job runs") == true)
        }
    }

    @Test func `the folder is understood, or refused with what to write`() async throws {
        let fixture = Fixture()
        for (written, shown) in [
            ("null", "./datasets"), (#""""#, "./datasets"),
            (#""./datasets/btc/""#, "./datasets/btc"),
            (#""btc""#, "./datasets/btc"), (#""/srv/datasets/a b""#, "./datasets/a b"),
        ] {
            let reply = await fixture.submit(body(more: #","output_path":\#(written)"#))
            #expect(reply.status == 202)
            let id = JobID(Int64(try #require(reply.json["job_id"]?.integer)))
            let job = try #require(try await fixture.store.job(id))
            #expect(job.outputPath == shown)
        }
        let refused = await fixture.submit(body(more: #","output_path":"/etc""#))
        #expect(refused.problems == ["value_error @ body.output_path"])
        #expect(refused.json["detail"]?.elements?.first?["input"] == "/etc")
    }

    @Test func `a link that leads out is refused at submission`() async {
        let fixture = Fixture(leavesRoot: { $0 == ["out", "x"] })
        let reply = await fixture.submit(body(more: #","output_path":"out/x""#))
        #expect(reply.problems == ["value_error @ body.output_path"])
        #expect(await fixture.submit(body(more: #","output_path":"out""#)).status == 202)
    }

    @Test func `no more than a hundred problems are listed`() async {
        let symbols = "[" + Array(repeating: "1", count: 5_000).joined(separator: ",") + "]"
        let reply = await Fixture().submit(body(symbols: symbols))
        #expect(reply.problems.count == 100)
    }

    @Test func `an acceptance is logged with request, job and user`() async {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        #expect(fixture.log.lines == ["info job accepted files=2 job=1 request=req-1 user=ann"])
    }
}
