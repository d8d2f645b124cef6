// The files of a plan, their order, and their batches.

import Datasets
import Jobs
import Testing

struct PlanTests {
    @Test func `the last day comes first, then the first, then day by day`() {
        let plan = Plan(of: request("2024-01-02", "2024-01-05"), catalogue: nil)
        #expect(
            days(plan) == ["2024-01-05", "2024-01-02", "2024-01-03", "2024-01-04"])
        #expect(plan.files.allSatisfy { $0.state == .pending && $0.failure == nil })
    }

    @Test func `goes day by day over all symbols and data types`() {
        let plan = Plan(
            of: request(
                "2024-01-02", "2024-01-03", symbols: ["A", "B"], types: [.trades, .quotes]),
            catalogue: nil)
        #expect(
            plan.files.map { "\($0.file.day) \($0.file.symbol) \($0.file.dataType)" } == [
                "2024-01-03 A trades", "2024-01-02 A trades", "2024-01-02 A quotes",
                "2024-01-02 B trades", "2024-01-02 B quotes", "2024-01-03 A quotes",
                "2024-01-03 B trades", "2024-01-03 B quotes",
            ])
    }

    @Test func `a day that is not free comes early`() {
        let plan = Plan(of: request("2024-01-01", "2024-02-01"), catalogue: nil)
        #expect(days(plan).prefix(4) == ["2024-02-01", "2024-01-01", "2024-01-02", "2024-01-03"])
        #expect(Set(days(plan)).count == 32)
    }

    @Test(arguments: [
        ("2024-01-01", "2024-01-01", 1, 1), ("2024-01-31", "2024-02-01", 1, 1),
        ("2024-01-01", "2024-12-31", 3, 2), ("2023-12-01", "2024-02-01", 2, 3),
    ])
    func `names every file once`(start: String, end: String, symbols: Int, types: Int) {
        let wanted = request(
            start, end, symbols: (0..<symbols).map { "S\($0)" },
            types: Array(DataType.allCases.prefix(types)))
        let plan = Plan(of: wanted, catalogue: nil)
        #expect(plan.files.count == wanted.fileCount)
        #expect(Set(plan.files.map(\.file)).count == wanted.fileCount)
        #expect(Set(plan.files.map(\.file.name)).count == wanted.fileCount)
    }

    @Test func `days before the listing and after the delisting are unavailable, with the reason`()
        throws
    {
        let plan = Plan(
            of: request("2024-01-01", "2024-01-06"),
            catalogue: catalogue(since: "2024-01-03", to: "2024-01-05"))
        let byDay = Dictionary(
            plan.files.map { ($0.file.day.description, $0) }, uniquingKeysWith: { $1 })
        #expect(plan.files.count == 6)
        for text in ["2024-01-01", "2024-01-02"] {
            let planned = try #require(byDay[text])
            #expect(planned.state == .unavailable)
            #expect(planned.failure?.code == "not_listed_yet")
            #expect(
                planned.failure?.detail == "A has data on binance only since 2024-01-03.")
        }
        for text in ["2024-01-05", "2024-01-06"] {
            let planned = try #require(byDay[text])
            #expect(planned.state == .unavailable)
            #expect(planned.failure?.code == "delisted")
            #expect(planned.failure?.detail.contains("last day with data is 2024-01-04") == true)
        }
        #expect(byDay["2024-01-03"]?.state == .pending)
        #expect(byDay["2024-01-04"]?.state == .pending)
        #expect(days(plan).prefix(2) == ["2024-01-04", "2024-01-03"])
    }

    @Test func `a day that is not exported yet fails, and says when to ask again`() throws {
        let plan = Plan(
            of: request("2024-06-13", "2024-06-15"),
            catalogue: catalogue(since: "2019-01-01", to: "2024-06-15"))
        let late = plan.files.filter { $0.file.day.description == "2024-06-15" }
        #expect(late.map(\.state) == [.failed])
        #expect(late[0].failure?.code == "not_exported_yet")
        #expect(late[0].failure?.detail.contains("again after 2024-06-16 06:00 UTC") == true)
        #expect(days(plan).prefix(2) == ["2024-06-14", "2024-06-13"])
    }

    @Test func `a request wholly outside the listing has no pending file`() {
        let plan = Plan(
            of: request("2020-01-01", "2020-01-31"),
            catalogue: catalogue(since: "2024-01-03", to: nil))
        #expect(plan.files.count == 31)
        #expect(plan.files.allSatisfy { $0.state == .unavailable })
    }

    @Test func `absences have one sentence per reason`() {
        let plan = Plan(
            of: request("2024-01-01", "2024-01-05"),
            catalogue: catalogue(since: "2024-01-03", to: "2024-01-05"))
        #expect(
            plan.absences == [
                "2 files are unavailable: A has data on binance only since 2024-01-03.",
                "1 file is unavailable: A was delisted on binance; its last day with data is "
                    + "2024-01-04.",
            ])
        let whole = Plan(
            of: request("2024-01-03", "2024-01-04"),
            catalogue: catalogue(since: "2024-01-03", to: nil))
        #expect(whole.absences.isEmpty)
    }

    private func request(
        _ start: String, _ end: String, symbols: [String] = ["A"], types: [DataType] = [.trades]
    ) -> DownloadRequest {
        DownloadRequest(
            exchange: "binance", dataTypes: types, symbols: symbols, days: day(start)...day(end),
            outputPath: "./datasets", createdBy: "ann")
    }

    private func catalogue(since: String, to end: String?) -> ExchangeCatalogue {
        ExchangeCatalogue(
            exchange: "binance",
            symbols: [
                CatalogueSymbol(
                    id: "A", dataTypes: ["trades"], availableSince: day(since),
                    availableTo: end.map(day))
            ],
            exportedUntil: day("2024-06-15"))
    }

    private func days(_ plan: Plan) -> [String] {
        plan.files.map(\.file.day.description)
    }

    private func day(_ text: String) -> Day {
        guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
        return day
    }
}

struct PlanBatchTests {
    @Test(arguments: [0, 1, 255, 256, 257, 4_352, 4_353, 10_000])
    func `the batches are the plan, the first one small`(count: Int) {
        let files = (0..<count).map { number in
            PlannedFile(
                file: DatasetFile(
                    exchange: "binance", dataType: .trades, day: Day(daysSinceEpoch: number),
                    symbol: "BTCUSDT"))
        }
        let batches = PlanBatch.batches(of: files, behind: 7, notes: ["note"])
        #expect(batches.flatMap(\.files) == files)
        #expect(batches.map(\.isLast) == batches.indices.map { $0 == batches.count - 1 })
        #expect(batches.allSatisfy { $0.filesTotal == count + 7 && $0.notes == ["note"] })
        var position = 7
        for (index, batch) in batches.enumerated() {
            #expect(batch.position == position)
            #expect(batch.files.count <= (index == 0 ? 256 : 4_096))
            position += batch.files.count
        }
    }
}
