// What the queue does when the upstream wants to be left alone. It must not know why.

import Concurrency
import Datasets
package import Jobs
import Logging

extension JobQueue {
    /// Leaves the upstream alone, tells the team, and remembers it.
    func rest(_ wanted: Worker.Park) async {
        let wasParked = dispatcher.parkedUntil != nil
        guard dispatcher.park(until: wanted.until) else { return }
        restReason = wanted.reason.detail
        if pausedSince == nil { pausedSince = clock.now }
        logger.log(
            level: wasParked ? .debug : .warning, "the upstream rests",
            metadata: ["until": "\(wanted.until)", "reason": "\(wanted.reason.detail)"])
        let resuming = wallMoment(of: wanted.until)
        // Raised first: a crash in between leaves an alert that the next refusal does not repeat.
        await outbox.raise(
            ServiceAlert(
                .upstreamPaused,
                "\(wanted.reason.detail) Downloads go on by themselves at "
                    + "\(resuming.iso8601.prefix(16)) UTC."))
        // One line is enough, however many transfers were refused and moved the moment a little.
        await park.remember(
            until: wanted.until, because: wanted.reason.detail,
            parking: wasParked ? [] : lanesGoingOn,
            detail: "Until \(resuming.iso8601.prefix(16)) UTC. \(wanted.reason.detail)",
            at: wallClock.now)
    }

    package func endUpstreamPause(by principal: Principal) async throws -> UpstreamPause? {
        guard let moment = dispatcher.parkedUntil, moment > clock.now else { return nil }
        let pause = UpstreamPause(until: wallMoment(of: moment), reason: restReason)
        try await store.store.endUpstreamPause(
            by: principal,
            detail: "Until \(pause.until.iso8601.prefix(16)) UTC. \(pause.reason ?? "")",
            at: wallClock.now)
        dispatcher.endPause(at: clock.now)
        (restReason, pausedSince) = (nil, nil)
        logger.notice("the upstream is asked again", metadata: ["by": "\(principal.name)"])
        bell.signal()
        // Should the upstream refuse again, the team is told again.
        await outbox.settle(.upstreamPaused)
        return pause
    }

    /// After an answer that is no refusal of everything: the next such refusal is news.
    func noteAnswer(_ ending: AttemptResult) async {
        guard dispatcher.parkedUntil == nil else { return }
        switch ending {
        case .published, .unavailable, .failed:
            let since = pausedSince
            pausedSince = nil
            await outbox.settle(.upstreamPaused, after: since.map { clock.now - $0 })
        case .retry, .released: return
        }
    }

    /// Jobs that would run on if they could.
    var lanesGoingOn: [JobID] { dispatcher.lanes.filter { !$0.isCut }.map(\.job.id) }

    /// What people's clocks will show then.
    func wallMoment(of moment: Timestamp) -> Timestamp { wallClock.now + (moment - clock.now) }
}
