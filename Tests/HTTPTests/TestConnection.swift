// Drives a connection's state machine, with a clock that tests move.

@testable import HTTP

/// A connection without a socket.
final class TestConnection {
    var state: ConnectionState
    private(set) var now = Moment(nanoseconds: 1_000_000_000_000)
    /// Bytes of output that the imagined kernel has not taken.
    var waiting = 0

    init(limits: Limits = Limits(), timeouts: Timeouts = Timeouts()) {
        state = ConnectionState(
            ConnectionRules(limits: limits, timeouts: timeouts), at: now)
    }

    var wantsInput: Bool { state.wantsInput }
    var isIdle: Bool {
        state.phase == .receiving && state.parser.isIdle && state.outputBytes == 0
    }
    var deadline: Moment? { state.deadline }
    var arrivingBytes: Int { state.arrivingBytes }
    var arrivingSince: Moment? { state.arrivingSince }
    var bufferedBytes: Int { state.bufferedBytes }
    /// What its parser takes.
    var heldBytes: Int { state.parser.storage.heldBytes }
    var keepsOpen: Bool { state.responseRules.keepsOpen }

    func receive(_ text: String) {
        Array(text.utf8).withUnsafeBytes { state.received($0, at: now) }
    }

    /// The handler has answered, and everything was sent.
    func answer() {
        state.answered(closing: false, at: now)
    }

    /// What the state wants done, in words, after some time.
    func actions(after duration: Duration = .zero) -> [String] {
        // The owner always asks after an event; time passes between events.
        var words = pending()
        now = now + duration
        state.timePassed(to: now)
        words += pending()
        return words
    }

    private func pending() -> [String] {
        var words: [String] = []
        while let action = state.next(waiting: waiting, at: now) {
            switch action {
            case .sendContinue: words.append("continue")
            case .respond: words.append("respond \(state.request.path)")
            case .refuse(let rejection): words.append("refuse \(rejection.status)")
            case .finishSending: words.append("finish sending")
            case .close: words.append("close")
            case .reset: words.append("reset")
            }
        }
        return words
    }
}
