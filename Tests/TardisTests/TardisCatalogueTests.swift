// The catalogue: what is asked, how often, and what is believed in the meantime.

import Curl
import Datasets
import Jobs
import Logging
import TestSupport
import Testing

@testable import Tardis

@Suite struct TardisCatalogueTests {
    private static let binance = """
        {"id":"binance","datasets":{"formats":["csv"],"exportedUntil":"2024-05-02T00:00:00.000Z",
        "symbols":[{"id":"BTCUSDT","type":"spot","dataTypes":["trades","quotes"],
        "availableSince":"2019-03-30T00:00:00.000Z","availableTo":"2024-04-30T10:00:00.000Z"},
        {"id":"BROKEN","dataTypes":[],"availableSince":"soon"}]}}
        """

    @Test func `reads an exchange and asks for it once a day`() async throws {
        let server = RawServer(replies: [.reply(200, Self.binance)])
        let (catalogue, clock) = make(server)
        let found = try await catalogue.catalogue(of: "binance")
        #expect(found.exportedUntil == Day("2024-05-02"))
        #expect(found.symbols.count == 1)
        #expect(found.symbols[0].id == "BTCUSDT")
        #expect(found.symbols[0].availableSince == Day("2019-03-30"))
        // Data until ten o'clock: that day still has some.
        #expect(found.symbols[0].availableTo == Day("2024-05-01"))
        _ = try await catalogue.catalogue(of: "binance")
        #expect(server.requests.map(\.target) == ["/v1/exchanges/binance"])
        #expect(server.requests[0]["Authorization"] == nil)
        clock.advance(by: .seconds(86_401))
        _ = try await catalogue.catalogue(of: "binance")
        #expect(server.requests.count == 2)
    }

    @Test func `what was read within a day is in memory, for those who cannot wait`() async throws {
        let server = RawServer(replies: [.reply(200, Self.binance)])
        let (catalogue, clock) = make(server)
        #expect(catalogue.catalogueInMemory(of: "binance") == nil)
        let found = try await catalogue.catalogue(of: "binance")
        #expect(catalogue.catalogueInMemory(of: "binance") == found)
        #expect(catalogue.catalogueInMemory(of: "deribit") == nil)
        clock.advance(by: .seconds(86_401))
        #expect(catalogue.catalogueInMemory(of: "binance") == nil)
        #expect(server.requests.count == 1)
    }

    @Test func `skips symbols that are not printable`() async throws {
        let odd = ##"{"id":"S\u0001\u202e","availableSince":"2019-03-30T00:00:00.000Z"},{"id":"BR"##
        let server = RawServer(
            replies: [.reply(200, Self.binance.replacing(#"{"id":"BR"#, with: odd))])
        let (catalogue, _) = make(server)
        let found = try await catalogue.catalogue(of: "binance")
        #expect(server.requests.count == 1)
        #expect(found.symbols.map(\.id) == ["BTCUSDT"])
    }

    @Test func `does not believe another exchange's catalogue`() async {
        let server = RawServer(
            replies: [.reply(200, Self.binance.replacing("binance", with: "bybit"))])
        let (catalogue, _) = make(server)
        let nonsense = CatalogueError.unreachable("the catalogue's answer makes no sense")
        #expect(await error(of: catalogue, "binance") == nonsense)
        #expect(server.requests.count == 1)
    }

    @Test func `asks once for many who ask at the same time`() async throws {
        let gate = Gate()
        let server = RawServer(replies: [.hold(gate), .reply(200, Self.binance)])
        let (catalogue, _) = make(server)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    (try? await catalogue.catalogue(of: "binance").symbols.count) ?? 0
                }
            }
            #expect(await eventually { server.requests.count == 1 })
            gate.open()
            for await count in group { #expect(count == 1) }
        }
        #expect(server.requests.count == 1)
    }

    @Test func `names the known exchanges where one is unknown`() async throws {
        let server = RawServer { request in
            request.target == "/v1/exchanges"
                ? [
                    .reply(
                        200,
                        #"[{"id":"binance","supportsDatasets":true},{"id":"raw-only","supportsDatasets":false}]"#
                    )
                ]
                : [.reply(400, #"{"code":1,"message":"no"}"#)]
        }
        let (catalogue, _) = make(server)
        let unknown = CatalogueError.unknownExchange(known: ["binance"])
        #expect(await error(of: catalogue, "binanse") == unknown)
        #expect(await error(of: catalogue, "binanse") == unknown)
        // The list was just read: another wrong name costs no request.
        #expect(await error(of: catalogue, "krakem") == unknown)
        #expect(server.requests.count == 2)
    }

    @Test func `names exchanges from memory where the list cannot be had`() async {
        let server = RawServer(replies: [.reply(404, #"{"code":404,"message":"Not found"}"#)])
        let (catalogue, _) = make(server)
        defer { withExtendedLifetime(server) {} }
        let expected = CatalogueError.unknownExchange(known: KnownExchanges.ids)
        #expect(await error(of: catalogue, "nosuch") == expected)
    }

    @Test(arguments: ["", "404 page not found\n", #"{"message":"no Route matched"}"#])
    func `what is not written as Tardis writes makes no exchange unknown`(body: String) async {
        let server = RawServer(replies: [.reply(404, body)])
        let (catalogue, _) = make(server)
        defer { withExtendedLifetime(server) {} }
        #expect(
            await error(of: catalogue, "nosuch") == .unreachable("the catalogue answered HTTP 404"))
    }

    @Test func `an empty list of exchanges makes none unknown`() async {
        let server = RawServer { request in
            [request.target == "/v1/exchanges" ? .reply(200, "[]") : .reply(404)]
        }
        let (catalogue, _) = make(server)
        defer { withExtendedLifetime(server) {} }
        #expect(
            await error(of: catalogue, "nosuch") == .unreachable("the catalogue answered HTTP 404"))
    }

    @Test func `does not call a known exchange unknown because of a wrong URL`() async {
        let server = RawServer(replies: [.reply(404)])
        let (catalogue, _) = make(server)
        defer { withExtendedLifetime(server) {} }
        #expect(
            await error(of: catalogue, "binance") == .unreachable("the catalogue answered HTTP 404")
        )
    }

    @Test(arguments: [400, 403, 404, 200])
    func `a web page says nothing about an exchange`(status: Int) async {
        let page = "<!DOCTYPE html><html><title>Just a moment...</title></html>"
        let server = RawServer(replies: [.reply(status, page)])
        let (catalogue, _) = make(server)
        guard case .unreachable(let reason) = await error(of: catalogue, "nosuch") else {
            Issue.record("the page was taken for Tardis's word")
            return
        }
        #expect(reason.contains("a web page came in place of the catalogue"))
        #expect(server.requests.count == 1)
    }

    @Test func `keeps no more catalogues than there is room for, the newest ones`() async throws {
        let symbols = (0..<400).map {
            #"{"id":"\#(String(repeating: "S", count: 190))\#($0)","#
                + #""availableSince":"2020-01-01T00:00:00.000Z"}"#
        }.joined(separator: ",")
        let server = RawServer { request in
            let id = request.target.split(separator: "/").last ?? ""
            return [.reply(200, #"{"id":"\#(id)","datasets":{"symbols":[\#(symbols)]}}"#)]
        }
        // Each takes some 90 kB.
        let (catalogue, clock) = make(server, memoryBytesMax: 2_000_000)
        for number in 0..<24 {
            #expect(try await catalogue.catalogue(of: "exchange-\(number)").symbols.count == 400)
            clock.advance(by: .seconds(1))
        }
        #expect(catalogue.catalogueInMemory(of: "exchange-0") == nil)
        #expect(catalogue.catalogueInMemory(of: "exchange-23") != nil)
        let kept = (0..<24).filter { catalogue.catalogueInMemory(of: "exchange-\($0)") != nil }
        #expect((18...23).contains(kept.count))
    }

    @Test(arguments: [
        "", "../api-key-info", "Binance", "a b", "a/b", "é", String(repeating: "a", count: 65),
    ])
    func `requests nothing for an invalid exchange id`(exchange: String) async {
        let server = RawServer(replies: [.reply(200, "{}")])
        let (catalogue, _) = make(server)
        let expected = CatalogueError.unknownExchange(known: KnownExchanges.ids)
        #expect(await error(of: catalogue, exchange) == expected)
        #expect(server.requests.isEmpty)
    }

    @Test func `rests a while after a failure, then asks again`() async throws {
        let server = RawServer(replies: [.reply(503)], [.reply(200, Self.binance)])
        let (catalogue, clock) = make(server)
        let failed = CatalogueError.unreachable("the catalogue answered HTTP 503")
        #expect(await error(of: catalogue, "binance") == failed)
        #expect(await error(of: catalogue, "binance") == failed)
        #expect(server.requests.count == 1)
        clock.advance(by: .seconds(31))
        #expect(try await catalogue.catalogue(of: "binance").symbols.count == 1)
    }

    @Test func `believes a stale catalogue while it cannot be renewed`() async throws {
        let server = RawServer(replies: [.reply(200, Self.binance)], [.reply(503)])
        let (catalogue, clock) = make(server)
        _ = try await catalogue.catalogue(of: "binance")
        clock.advance(by: .seconds(90_000))
        #expect(try await catalogue.catalogue(of: "binance").symbols.count == 1)
        #expect(try await catalogue.catalogue(of: "binance").symbols.count == 1)
        #expect(server.requests.count == 2)
    }

    @Test func `answers in time when the upstream does not, and uses what comes late`() async throws
    {
        let gate = Gate()
        let server = RawServer(replies: [.hold(gate), .reply(200, Self.binance)])
        let (catalogue, clock) = make(server)
        let waiting = Task { await error(of: catalogue, "binance") }
        #expect(await eventually { clock.sleepers == 1 })
        clock.advance(by: .seconds(5))
        let late = await waiting.value
        guard case .unreachable = late else {
            Issue.record("it waited, or made something up: \(String(describing: late))")
            return
        }
        gate.open()
        #expect(try await catalogue.catalogue(of: "binance").symbols.count == 1)
        #expect(server.requests.count == 1)
    }

    @Test func `a cancelled caller does not wait, and others still do`() async throws {
        let gate = Gate()
        let server = RawServer(replies: [.hold(gate), .reply(200, Self.binance)])
        let (catalogue, clock) = make(server)
        let patient = Task { try await catalogue.catalogue(of: "binance") }
        let impatient = Task { await error(of: catalogue, "binance") }
        #expect(await eventually { clock.sleepers == 2 })
        impatient.cancel()
        guard case .unreachable = await impatient.value else {
            Issue.record("it waited, or made something up")
            return
        }
        gate.open()
        #expect(try await patient.value.symbols.count == 1)
    }

    @Test(arguments: ["", "{", "[]", #"{"id":7}"#, #"{"id":"x","datasets":{}}"#, "<html>"])
    func `takes nonsense for no answer`(body: String) async {
        let server = RawServer(replies: [.reply(200, body)])
        let (catalogue, _) = make(server)
        defer { withExtendedLifetime(server) {} }
        guard case .unreachable = await error(of: catalogue, "binance") else {
            Issue.record("\(body) was believed")
            return
        }
    }

    @Test func `asks whether Tardis is there once in a while, also while it is not`() async {
        let server = RawServer(replies: [.reply(500)], [.reply(200, #"[{"id":"binance"}]"#)])
        let (catalogue, clock) = make(server)
        async let first = catalogue.probe()
        async let second = catalogue.probe()
        #expect(await [first, second] == [false, false])
        #expect(await catalogue.probe() == false)
        #expect(server.requests.count == 1)
        clock.advance(by: .seconds(31))
        #expect(await catalogue.probe())
        #expect(await catalogue.probe())
        #expect(server.requests.count == 2)
    }

    private func make(
        _ server: RawServer, memoryBytesMax: Int? = nil
    ) -> (TardisCatalogue, HandClock) {
        let clock = HandClock()
        var settings = TardisSettings(datasetsURL: "unused", apiURL: server.url + "/v1/")
        if let memoryBytesMax { settings.catalogueMemoryBytesMax = memoryBytesMax }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return (
            TardisCatalogue(
                settings: settings, client: CurlClient(), time: clock, logger: logger), clock
        )
    }
}

private func error(of catalogue: TardisCatalogue, _ exchange: String) async -> CatalogueError? {
    do throws(CatalogueError) {
        _ = try await catalogue.catalogue(of: exchange)
        return nil
    } catch {
        return error
    }
}
