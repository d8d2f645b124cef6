// Whether the metadata have the members that Tardis's have.

import Datasets
import HTTP
import Testing

@testable import tardis_sandbox

@Suite struct CatalogueRouteTests {
    private let sandbox = SandboxUnderTest()

    private struct Details: Decodable {
        var id: String
        var availableSymbols: [Symbol]
        var datasets: Datasets

        struct Datasets: Decodable {
            var exportedUntil: String
            var symbols: [Symbol]
        }

        struct Symbol: Decodable {
            var id: String
            var type: String
            var availableSince: String
            var availableTo: String?
            var dataTypes: [String]?
        }
    }

    @Test func `every listed exchange has details`() async throws {
        struct Summary: Decodable {
            var id: String
            var supportsDatasets: Bool
            var availableSince: String
        }
        let list = try JSONText.decode(
            [Summary].self, from: await sandbox.ask("/v1/exchanges").bytes)
        #expect(list.count == Listings.exchanges.count)
        for summary in list {
            let details = try await details(of: summary.id)
            #expect(details.id == summary.id)
            #expect(details.datasets.symbols.allSatisfy { !($0.dataTypes ?? []).isEmpty })
            #expect(details.availableSymbols.allSatisfy { $0.dataTypes == nil })
        }
    }

    @Test func `a listed symbol ends with the export, a delisted one before it`() async throws {
        let datasets = try await details(of: "binance").datasets
        #expect(datasets.exportedUntil == "2024-07-01T00:00:00.000Z")
        func end(_ id: String) -> String? {
            datasets.symbols.first { $0.id == id }?.availableTo
        }
        #expect(end("BTCUSDT") == datasets.exportedUntil)
        #expect(end("SPOT") == datasets.exportedUntil)
        let luna = try await details(of: "binance-futures").datasets.symbols
            .first { $0.id == "LUNAUSDT" }
        #expect(luna?.availableTo == "2022-05-13T00:00:00.000Z")
    }

    @Test func `every listed dataset exists on its first free day`() async throws {
        for exchange in Listings.exchanges {
            for symbol in exchange.symbols {
                var day = symbol.since
                while !day.isFree { day = day.advanced(by: 1) }
                guard day < symbol.until ?? SandboxUnderTest.now.day,
                    day < SandboxUnderTest.now.day
                else { continue }
                let date = day.description.split(separator: "-").joined(separator: "/")
                let type = symbol.dataTypes[0].name
                let id = symbol.id.split(separator: "@", omittingEmptySubsequences: false)
                    .joined(separator: "%40")
                let answer = await sandbox.ask("/v1/\(exchange.id)/\(type)/\(date)/\(id).csv.gz")
                #expect(answer.status == .ok, "\(exchange.id) \(symbol.id) \(date)")
            }
        }
    }

    @Test func `an unknown exchange is refused`() async {
        let answer = await sandbox.ask("/v1/exchanges/nowhere")
        #expect(answer.status.code == 400)
        #expect(answer.text.contains("binance-futures"))
    }

    @Test func `access depends on the key`() async {
        #expect(await sandbox.ask("/v1/api-key-info").status == .unauthorized)
        #expect(await sandbox.ask("/v1/api-key-info", key: "TD.expired").text == "[]")
        let mine = await sandbox.ask("/v1/api-key-info", key: SandboxUnderTest.key)
        #expect(mine.text.contains("\"exchange\":\"deribit\""))
    }

    private func details(of id: String) async throws -> Details {
        try JSONText.decode(
            Details.self, from: await sandbox.ask("/v1/exchanges/\(id)").bytes)
    }
}
