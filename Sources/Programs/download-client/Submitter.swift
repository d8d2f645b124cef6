// Sends a submission until it is answered. Every attempt has the same key, so the service makes one
// job of them.

import APIClient
import APITypes
import Bytes
import Posix

/// Submits under one key.
struct Submitter {
    let session: Session
    let key: String

    /// - Throws: ``ServiceFailure``
    func submit(_ request: SubmitRequest) async throws -> APIReply<SubmitResponse> {
        var retry = SubmissionRetry()
        let clock = ContinuousClock()
        let beginning = clock.now
        while true {
            do throws(ServiceFailure) {
                return try await session.send(.submission(key: key)) {
                    try await $0.submit(request, key: key)
                }
            } catch {
                let wasLost = retry.hasBegun
                switch retry.observe(error.cause, at: clock.now - beginning) {
                case .giveUp:
                    var failure = error
                    failure.hasLostAnswer = wasLost
                    throw failure
                case .wait(let pause, let isFirst):
                    if isFirst { session.console.printError(Submitter.announcement) }
                    try await Task.sleep(for: pause)
                }
            }
        }
    }

    private static let announcement =
        "⚠️ The answer was lost. Sending the same request again for up to "
        + "\(SubmissionRetry.patience.components.seconds) s; it never becomes a second job."
}

/// Decides after each failure when a submission is sent again: a pure state machine.
struct SubmissionRetry {
    /// What follows a failure.
    enum Action: Equatable {
        /// Send it again after this time; `isFirst` for the first failure.
        case wait(Duration, isFirst: Bool)
        case giveUp
    }

    /// How long to try: a service that was killed is back within seconds.
    static let patience = Duration.seconds(60)
    /// The first pause, doubled from attempt to attempt.
    static let pauseMin = Duration.seconds(1)
    static let pauseMax = Duration.seconds(8)

    private var pause = SubmissionRetry.pauseMin
    private var lostSince: Duration?

    /// Whether a first answer was lost.
    var hasBegun: Bool { lostSince != nil }

    /// - Parameter now: time since any fixed moment.
    mutating func observe(_ error: APIClientError, at now: Duration) -> Action {
        // Where nothing was sent nothing is in doubt, and a wrong address is reported at once.
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

/// Makes and checks Idempotency-Keys.
enum SubmissionKey {
    /// The longest key that the service takes.
    static let charactersMax = 255

    /// A new key: 128 random bits.
    static func random() -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes.withUnsafeMutableBytes { RandomBytes.fill($0) }
        return Hexadecimal.text(bytes)
    }

    /// The key that was given on the command line.
    ///
    /// - Throws: ``UsageMistake`` where the service would not take it.
    static func checked(_ key: String) throws(UsageMistake) -> String {
        let isPrintable = key.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard isPrintable, (1...charactersMax).contains(key.utf8.count) else {
            throw UsageMistake(
                message: "--idempotency-key takes 1 to \(charactersMax) printable ASCII characters")
        }
        return key
    }
}
