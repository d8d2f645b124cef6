// Sends a submission until it is answered: performs what SubmissionRetry decides.

import APIClient
import APITypes

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
                return try await session.submit(request, key: key)
            } catch {
                let wasLost = retry.hasBegun
                switch retry.observe(error.cause, at: clock.now - beginning) {
                case .giveUp:
                    var failure = error
                    failure.hasLostAnswer = wasLost
                    throw failure
                case .wait(let pause, let isFirst):
                    if isFirst { Console().complain(Submitter.announcement) }
                    try await Task.sleep(for: pause)
                }
            }
        }
    }

    private static let announcement =
        "⚠️ The answer was lost. Sending the same request again for up to "
        + "\(SubmissionRetry.patience.components.seconds) s; it never becomes a second job."
}
