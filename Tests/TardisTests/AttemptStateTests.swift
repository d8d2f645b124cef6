// The steps of one attempt, without a network.

import Datasets
import Jobs
import Testing

@testable import Tardis

@Suite struct AttemptStateTests {
    private func state(
        usesNewConnections: Bool = false, redirectsMax: Int = 1
    ) throws
        -> AttemptState
    {
        AttemptState(
            try #require(DatasetRequest(url: "https://up.example/v1/x")),
            classifier: ResponseClassifier(
                file: .sample(), attempt: 1, wasMissing: false, retryBase: .seconds(2),
                retryAfterMax: .seconds(300)),
            redirectsMax: redirectsMax, usesNewConnections: usesNewConnections)
    }

    /// The kind of action, with its URL or outcome.
    private func summary(_ action: AttemptState.Action) -> String {
        switch action {
        case .begin(let request): "begin \(request.url)"
        case .send(let request): "send \(request.url)"
        case .checkCatalogue(let failure, _): "check \(failure.code)"
        case .retryNotFound(let failure): "retry \(failure.code)"
        case .end(let outcome): "end \(outcome.summary)"
        }
    }

    private func redirect(to location: String) -> AttemptState.Event {
        .responded(Reply(status: 302), location: location, address: nil)
    }

    @Test func `an ambiguous file is requested again once, over a new connection`() throws {
        var state = try state()
        _ = state.handle(redirect(to: "https://storage.example/y"))
        state.recordUsedConnection()
        let again = state.handle(.ambiguous)
        #expect(summary(again) == "begin https://up.example/v1/x")
        #expect(state.usesNewConnections)
        #expect(state.isTrusted)
        let last = state.handle(.ambiguous)
        #expect(summary(last) == "end retry in_doubt")
    }

    @Test func `redirects are followed in the same slot, up to their limit`() throws {
        var state = try state()
        let first = state.handle(redirect(to: "https://storage.example/y"))
        #expect(summary(first) == "send https://storage.example/y")
        let second = state.handle(redirect(to: "https://storage.example/z"))
        #expect(summary(second) == "end retry redirect_loop")
    }

    @Test func `a first 404 is remembered, and a reported end ends the attempt`() throws {
        var state = try state()
        let missing = state.handle(
            .responded(Reply(status: 404, sender: .tardis), location: nil, address: nil))
        #expect(summary(missing) == "retry not_found")
        let ended = state.handle(.ended(.interrupted))
        #expect(summary(ended) == "end interrupted")
    }
}
