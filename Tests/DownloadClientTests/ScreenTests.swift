// Tables and messages at 40, 80 and 200 columns, and without a terminal.

import APITypes
import Testing

@testable import download_client

@Suite struct ScreenTests {
    private let jobs = JobListResponse(
        jobs: [Sample.job(), Sample.job(id: 3, status: "completed", symbols: ["日本円"], done: 31)],
        total: 2)

    private func file(_ symbol: String, detail: String? = nil) -> FileResponse {
        FileResponse(
            name: "binance_trades_2024-01-01_\(symbol).csv.gz", state: "ok", dataType: "trades",
            day: "2024-01-01", symbol: symbol, bytes: 423_900, rows: 123_456, firstTimestamp: nil,
            lastTimestamp: nil, sha256: nil, origin: nil, suspicious: nil, code: nil,
            detail: detail, attempts: [], seconds: 0)
    }

    private var files: FileListResponse {
        FileListResponse(files: [file("BTCUSDT"), file("ETHUSDT")], total: 2)
    }

    private var events: JobEventsResponse {
        JobEventsResponse(
            jobID: 12,
            events: [
                EventResponse(
                    id: 1, jobID: 12, at: "2025-11-13T10:20:00.000000Z", event: "submitted",
                    by: "alice", from: "10.0.0.7", detail: "31 files of two symbols at once")
            ], total: 1, waiting: nil)
    }

    private var limits: LimitsResponse {
        LimitsResponse([
            .init(
                "requests_per_second",
                LimitResponse(
                    value: 8, default: 16, changedBy: "annabelle",
                    changedAt: "2025-11-13T10:20:30.123456Z"))
        ])
    }

    @Test func `the list at 40 columns`() {
        #expect(
            JobListText.table(jobs, columns: 40) == [
                "JOB STATUS       SYMBOLS          FILES",
                " 12 🔄 running   BTCUSDT, ETHUSDT 14/31",
                "  3 ✅ completed 日本円           31/31",
                "Left out for lack of room: EXCHANGE, DATES, SIZE, BY",
            ])
    }

    @Test func `the list at 80 columns`() {
        #expect(
            JobListText.table(jobs, columns: 80) == [
                "JOB STATUS       EXCHANGE SYMBOLS    DATES                   FILES    SIZE BY",
                " 12 🔄 running   binance  BTCUSDT, … 2024-01-01 … 2024-01-31 14/31 38.2 MB alice",
                "  3 ✅ completed binance  日本円     2024-01-01 … 2024-01-31 31/31 38.2 MB alice",
            ])
    }

    @Test func `the list at 200 columns is what a pipe gets`() {
        #expect(JobListText.table(jobs, columns: 200) == JobListText.table(jobs, columns: nil))
        #expect(
            JobListText.table(jobs, columns: 200).last
                == "  3  ✅ completed  binance   日本円            2024-01-01 … 2024-01-31  31/31"
                + "  38.2 MB  alice")
    }

    @Test func `files at 40 columns keep the ends of their names`() {
        #expect(
            FileListText.table(files, columns: 40) == [
                "STATE     SIZE FILE",
                "ok    423.9 kB …024-01-01_BTCUSDT.csv.gz",
                "ok    423.9 kB …024-01-01_ETHUSDT.csv.gz",
                "Left out for lack of room: ROWS, TRIES",
            ])
    }

    @Test func `events and limits at 40 columns`() {
        #expect(
            EventListText.lines(events, columns: 40) == [
                "Job 12",
                "AT                EVENT     DETAIL",
                "2025-11-13 10:20… submitted 31 files of…",
                "Left out for lack of room: BY",
            ])
        #expect(
            LimitsText.table(limits, columns: 40) == [
                "LIMIT                VALUE  DEFAULT",
                "requests_per_second      8       16",
                "Left out for lack of room: CHANGED BY, CHANGED AT",
            ])
    }

    @Test(arguments: [40, 44, 53, 60, 72, 80, 100, 132, 200])
    func `no table is wider than the terminal`(columns: Int) {
        let tables = [
            JobListText.table(jobs, columns: columns), FileListText.table(files, columns: columns),
            EventListText.lines(events, columns: columns),
            LimitsText.table(limits, columns: columns),
        ]
        for line in tables.joined() where !line.hasPrefix("Left out") {
            #expect(DisplayWidth.of(line) <= columns, "\(line)")
        }
    }

    @Test func `a table of one column that is too wide is cut`() {
        let table = TextTable<String>([.init("A", rank: 1) { $0 }])
        #expect(table.lines(["abcdef"], fitting: 4) == ["A", "abc…"])
        #expect(table.lines(["abcdef"], fitting: 0) == ["A", "…"])
    }

    @Test func `messages break between words, and paths stay whole`() {
        let text =
            "❌ There is no BTCUSD. Did you mean BTCUSDT?\n  end_date: it is before start_date"
        #expect(
            WordWrap.wrapped(text, to: 24) == """
                ❌ There is no BTCUSD.
                  Did you mean BTCUSDT?
                  end_date: it is before
                    start_date
                """)
        #expect(WordWrap.wrapped(text, to: nil) == text)
        #expect(WordWrap.wrapped(text, to: 200) == text)
        let path = "Files are in /data/a/very/long/folder/that/is/one/word"
        #expect(
            WordWrap.wrapped(path, to: 20)
                == "Files are in\n  /data/a/very/long/folder/that/is/one/word")
        #expect(WordWrap.wrapped("日本 日本 日本", to: 9) == "日本 日本\n  日本")
        #expect(WordWrap.wrapped("", to: 9) == "")
    }

    @Test(arguments: 1...60) func `no line with short words is wider than the terminal`(
        columns: Int
    ) {
        let lines = WordWrap.wrapped("a bb ccc dddd  eeee fff", to: max(columns, 8))
        for line in lines.split(separator: "\n") {
            #expect(DisplayWidth.of(String(line)) <= max(columns, 8))
        }
    }
}
