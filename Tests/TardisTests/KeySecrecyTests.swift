// The API key appears in no report, even if a server sends it back.

import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct KeySecrecyTests {
    @Test func `says what Tardis said, and never the key`() async {
        let body = #"{"code":300,"message":"Invalid for TD.secret-key. Did you mean 'Y'?"}"#
        let bench = Bench(RawServer(replies: [.reply(400, body)]))
        let outcome = await bench.download()
        #expect(outcome.summary == "failed symbol_refused")
        #expect(outcome.failure?.detail.contains("Did you mean 'Y'?") == true)
        #expect(outcome.failure?.detail.contains("secret") == false)
    }

    @Test func `never shows the key that a server sends back`() async {
        let row = trades(1).replacing("bitmex,", with: "TD.secret-key,")
        let long = String(repeating: "x", count: 93) + "TD.secret-key"
        let answers: [RawServer.Step] = [
            .reply(200, gzip("Bearer TD.secret-key,x\n")), .reply(200, gzip(row)),
            .reply(200, gzip(trades(1, symbol: long))),
            .reply(302, headers: ["Location: http://TD.secret-key.invalid/"]),
        ]
        for answer in answers {
            let outcome = await Bench(RawServer(replies: [answer])).download()
            #expect(outcome.failure != nil)
            #expect(outcome.failure?.detail.contains("secr") == false, "\(outcome)")
        }
    }
}
