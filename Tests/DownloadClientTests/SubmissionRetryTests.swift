// When the client sends a submission again, and under which key.

import APITypes
import ArgumentParser
import Testing

@testable import APIClient
@testable import download_client

@Suite struct SubmissionRetryTests {
    private let inFlight = APIClientError.refused(ServiceError(status: 409, lines: []))
    private let unavailable = APIClientError.refused(ServiceError(status: 503, lines: []))

    @Test(arguments: [
        APIClientError.timedOut, .cutShort, .foreignResponse(ForeignResponse(status: 502)),
    ])
    func `repeats after a lost answer with growing pauses`(error: APIClientError) {
        var retry = SubmissionRetry()
        #expect(retry.observe(error, at: .zero) == .wait(.seconds(1), isFirst: true))
        // The service may be starting, or still be busy with the first attempt.
        let waits = [APIClientError.cannotConnect, inFlight, unavailable, error, error].map {
            retry.observe($0, at: .seconds(30))
        }
        #expect(
            waits
                == [2, 4, 8, 8, 8].map { .wait(.seconds($0), isFirst: false) })
        #expect(retry.observe(error, at: .seconds(60)) == .giveUp)
    }

    @Test func `does not repeat what was never sent or was refused`() {
        for error in [
            APIClientError.cannotConnect, .unknownHost, .cancelled, inFlight, unavailable,
        ] {
            var retry = SubmissionRetry()
            #expect(retry.observe(error, at: .zero) == .giveUp)
        }
        var retry = SubmissionRetry()
        _ = retry.observe(.cutShort, at: .zero)
        #expect(
            retry.observe(.refused(ServiceError(status: 422, lines: [])), at: .seconds(1))
                == .giveUp)
    }

    @Test func `makes a new key each time and checks a given one`() throws {
        let keys = (0..<100).map { _ in SubmissionKey.random() }
        #expect(Set(keys).count == 100)
        #expect(keys.allSatisfy { $0.count == 32 })
        #expect(try SubmissionKey.checked(#"my "key""#) == #"my "key""#)
        for key in ["", "ä", "a\nb", String(repeating: "x", count: 256)] {
            #expect(throws: UsageMistake.self) { try SubmissionKey.checked(key) }
        }
    }

    @Test func `the options of the command line go into the request`() throws {
        let words =
            "submit --exchange e --symbols A --start-date s --end-date t --priority 7 --force --pin"
        let command = try #require(
            try RootCommand.parseAsRoot(
                (words + " --idempotency-key k").split(separator: " ").map(String.init))
                as? SubmitCommand)
        let request = try command.options.added(to: command.request.request())
        #expect(request.priority == 7)
        #expect(request.force == true)
        #expect(request.pinned == true)
        #expect(command.options.idempotencyKey == "k")
        #expect(throws: (any Error).self) {
            try RootCommand.parseAsRoot(
                words.replacing("7", with: "10").split(separator: " ").map(String.init))
        }
    }
}
