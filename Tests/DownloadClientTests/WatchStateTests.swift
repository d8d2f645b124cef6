// When a watched job is polled, in virtual time.

import APITypes
import Testing

@testable import APIClient
@testable import download_client

@Suite struct WatchStateTests {
    private let gone = APIClientError.cannotConnect

    @Test func `polls every second during changes and slows down without`() {
        var state = WatchState(isKnown: false)
        #expect(
            state.observe(.job(Sample.job(done: 1)), at: .seconds(0))
                == [.show(Sample.job(done: 1)), .wait(.seconds(1))])
        #expect(
            state.observe(.job(Sample.job(done: 2)), at: .seconds(1))
                == [.show(Sample.job(done: 2)), .wait(.seconds(1))])
        var waits: [Duration] = []
        for second in 2...8 {
            for case .wait(let time) in state.observe(
                .job(Sample.job(done: 2)), at: .seconds(second))
            {
                waits.append(time)
            }
        }
        #expect(waits.first == .milliseconds(1500))
        #expect(waits.last == .seconds(5))
        #expect(
            state.observe(.job(Sample.job(done: 3)), at: .seconds(60))
                == [.show(Sample.job(done: 3)), .wait(.seconds(1))])
    }

    @Test func `polls a service that holds answers at once, unless it held one briefly`() {
        var state = WatchState(isKnown: true)
        _ = state.observe(.job(Sample.job(done: 1)), at: .seconds(0))
        #expect(
            state.observe(.unchanged(wasHeld: true), at: .seconds(31)) == [.wait(.zero)])
        #expect(
            state.observe(.unchanged(wasHeld: true), at: .milliseconds(31_050))
                == [.wait(.milliseconds(1_500))])
        #expect(
            state.observe(.unchanged(wasHeld: false), at: .seconds(70))
                == [.wait(.milliseconds(2_250))])
        #expect(
            state.observe(.job(Sample.job(done: 2)), at: .seconds(71))
                == [.show(Sample.job(done: 2)), .wait(.seconds(1))])
        _ = state.observe(.failure(gone), at: .seconds(72))
        #expect(
            state.observe(.unchanged(wasHeld: true), at: .seconds(80))
                == [.reportFound(afterSeconds: 8), .wait(.zero)])
    }

    @Test(arguments: ["completed", "failed", "cancelled"])
    func `ends with the job`(status: String) {
        var state = WatchState(isKnown: true)
        let job = Sample.ended(status)
        #expect(state.observe(.job(job), at: .zero) == [.finish(job)])
    }

    @Test func `gives up at once on a service that was never reachable`() {
        var state = WatchState(isKnown: false)
        #expect(state.observe(.failure(gone), at: .zero) == [.giveUp(gone)])
    }

    @Test func `survives a restart and reports it once`() {
        var state = WatchState(isKnown: true)
        #expect(
            state.observe(.failure(gone), at: .seconds(10))
                == [.reportLost(gone, patienceSeconds: 300), .wait(.seconds(1))])
        #expect(state.observe(.failure(gone), at: .seconds(11)) == [.wait(.seconds(2))])
        #expect(state.observe(.failure(gone), at: .seconds(13)) == [.wait(.seconds(4))])
        #expect(state.observe(.failure(gone), at: .seconds(17)) == [.wait(.seconds(5))])
        #expect(
            state.observe(.job(Sample.job()), at: .seconds(22))
                == [.reportFound(afterSeconds: 12), .show(Sample.job()), .wait(.seconds(1))])
    }

    @Test func `gives up after its patience, counted anew after each return`() {
        var state = WatchState(isKnown: true)
        _ = state.observe(.failure(gone), at: .seconds(0))
        #expect(state.observe(.failure(gone), at: .seconds(299)) != [.giveUp(gone)])
        _ = state.observe(.job(Sample.job()), at: .seconds(299))
        _ = state.observe(.failure(gone), at: .seconds(301))
        #expect(state.observe(.failure(gone), at: .seconds(600)) != [.giveUp(gone)])
        #expect(state.observe(.failure(gone), at: .seconds(601)) == [.giveUp(gone)])
    }

    @Test func `gives up on permanent errors`() {
        let notFound = APIClientError.refused(ServiceError(status: 404, lines: ["Job 1 not found"]))
        var state = WatchState(isKnown: true)
        #expect(state.observe(.failure(notFound), at: .zero) == [.giveUp(notFound)])
    }

    @Test func `respects Retry-After up to a minute`() {
        for (asked, waited) in [(7, 7), (0, 1), (100_000, 60)] {
            let busy = APIClientError.refused(
                ServiceError(status: 503, lines: ["stopping"], retryAfterSeconds: asked))
            var state = WatchState(isKnown: true)
            #expect(state.observe(.failure(busy), at: .zero).last == .wait(.seconds(waited)))
        }
    }
}
