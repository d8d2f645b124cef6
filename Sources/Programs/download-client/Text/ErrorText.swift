// What went wrong and what to do about it, in words. The only place that words errors of the
// service.

import APIClient

/// Explains failures.
enum ErrorText {
    /// The lines to print: what happened first, then what to do.
    static func lines(for failure: ServiceFailure) -> [String] {
        var lines = whatHappened(failure)
        if case .submission(let key) = failure.wish, failure.cause.leavesDoubt {
            lines.append(
                "The job may have been accepted all the same. Look: \(failure.program) list")
            lines.append(
                "Or submit exactly the same with --idempotency-key '\(key)' within 24 hours: "
                    + "that never makes a second job.")
        }
        lines[0] = "❌ " + lines[0]
        return lines.map { HarmlessText.paragraph($0) }
    }

    private static func whatHappened(_ failure: ServiceFailure) -> [String] {
        let cannotReach = "Cannot reach the service at \(failure.address)"
        switch failure.cause {
        case .cannotConnect:
            return ["\(cannotReach). Is the service running? Try: make run"]
        case .unknownHost:
            return [
                "\(cannotReach): there is no machine of that name. "
                    + "Check --url and DOWNLOAD_SERVICE_URL."
            ]
        case .untrusted(let words):
            return ["\(cannotReach): the connection is not trustworthy: \(words)."]
        case .timedOut:
            return [
                "The service at \(failure.address) did not answer in time. "
                    + "Is it busy? Look at: make logs"
            ]
        case .cutShort:
            return [
                "The service at \(failure.address) ended the connection before it had answered. "
                    + "Was it stopped? Look at: make status"
            ]
        case .foreignAnswer(let status):
            return foreignAnswer(status, from: failure.address)
        case .refused(let refusal):
            return self.refusal(refusal, failure)
        case .cancelled:
            return ["Stopped before the service had answered."]
        case .other(let words):
            return ["\(cannotReach): \(words)"]
        }
    }

    private static func foreignAnswer(_ status: Int?, from address: ServiceAddress) -> [String] {
        if let status, (502...504).contains(status) {
            return [
                "Something in front of the service at \(address) answers with status \(status). "
                    + "Is the service running behind it? Try again in a moment."
            ]
        }
        let answer = status.map { "status \($0)" } ?? "no HTTP"
        return [
            "What answers at \(address) is not the download service (\(answer)). "
                + "Check --url and DOWNLOAD_SERVICE_URL."
        ]
    }

    private static func refusal(_ refusal: Refusal, _ failure: ServiceFailure) -> [String] {
        let words = refusal.lines.isEmpty ? ["status \(refusal.status)"] : refusal.lines
        switch refusal.status {
        case 422:
            return ["The service does not accept this request:"] + words.map { "  " + $0 }
        case 401:
            return words + ["Set API_TOKEN to the service's token. Whoever runs it can tell you."]
        case 403 where words.contains(where: { $0.contains("ADMIN_USERS") }):
            return words + [
                "You asked as “\(failure.user)”. Ask one of them; another name of yours goes with "
                    + "--user NAME."
            ]
        case 403:
            return words + [
                "You asked as “\(failure.user)”. Whoever runs the service can add the name to "
                    + "ALLOWED_USERS, or to ADMIN_USERS where only administrators may; another name "
                    + "goes with --user NAME."
            ]
        case 404 where failure.wish == .job:
            return words + ["See which jobs there are: \(failure.program) list"]
        case 429, 503:
            let wait = refusal.retryAfterSeconds.map { "in \(DurationText.of(seconds: $0))" }
            return words + ["Try again \(wait ?? "in a moment")."]
        case 500...:
            let name = refusal.requestID.map { " as request \($0)" } ?? ""
            return words + ["The reason is in the service's log\(name). Look at: make logs"]
        default:
            return words
        }
    }
}
