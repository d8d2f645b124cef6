// When a submission is sent again: a pure state machine. It must not know the network or the clock.

import APIClient

/// Decides after each failure. Sending again is safe because every attempt has the same key: the
/// service makes one job of them, or brings the answer that was lost.
struct SubmissionRetry {
    /// What is to be done about a failure.
    enum Action: Equatable {
        /// Send it again after this time; `isFirst` where nothing has been said about it yet.
        case wait(Duration, isFirst: Bool)
        case giveUp
    }

    /// How long it is worth trying: a service that was killed is back within seconds.
    static let patience = Duration.seconds(60)
    /// The first pause, doubled from attempt to attempt.
    static let pauseMin = Duration.seconds(1)
    static let pauseMax = Duration.seconds(8)

    private var pause = SubmissionRetry.pauseMin
    private var lostSince: Duration?

    /// Whether it has been sent again, or is going to be.
    var hasBegun: Bool { lostSince != nil }

    /// - Parameter now: time since any fixed moment.
    mutating func observe(_ error: APIClientError, at now: Duration) -> Action {
        // Where nothing was sent there is no doubt, and whoever typed the address waits for a word.
        guard hasBegun ? error.isTransient || error.isInFlight : error.leavesDoubt else {
            return .giveUp
        }
        let isFirst = lostSince == nil
        let since = lostSince ?? now
        lostSince = since
        guard now - since < SubmissionRetry.patience else { return .giveUp }
        defer { pause = min(pause * 2, SubmissionRetry.pauseMax) }
        return .wait(pause, isFirst: isFirst)
    }
}

extension APIClientError {
    /// Whether the service is still answering an earlier attempt.
    fileprivate var isInFlight: Bool {
        if case .refused(let refusal) = self { refusal.status == 409 } else { false }
    }
}
