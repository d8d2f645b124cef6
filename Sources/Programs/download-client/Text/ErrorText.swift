// What went wrong and what to do about it, in words.

import APIClient

/// Explains failures.
enum ErrorText {
    /// The lines to print: what happened first, then what to do.
    static func lines(for failure: ServiceFailure) -> [String] {
        var lines = whatHappened(failure)
        if case .submission(let key) = failure.purpose, failure.mayBeAccepted {
            lines.append(
                "The job may have been accepted all the same. Look: \(failure.program) list")
            lines.append(
                "Or submit exactly the same with --idempotency-key '\(key)' within 24 hours: "
                    + "that never makes a second job.")
        }
        lines[0] = "❌ " + lines[0]
        return lines.map { TerminalSafeText.paragraph($0) }
    }

    private static func whatHappened(_ failure: ServiceFailure) -> [String] {
        let cannotReach = "Cannot reach the service at \(failure.address)"
        switch failure.cause {
        case .cannotConnect:
            let advice =
                failure.address.isLoopback
                ? "Try: make run"
                : "Is its port open to this machine? Check --url and DOWNLOAD_SERVICE_URL."
            return ["\(cannotReach). Is the service running? \(advice)"] + proxyHint(failure)
        case .unknownHost:
            return [
                "\(cannotReach): there is no machine of that name. "
                    + "Check --url and DOWNLOAD_SERVICE_URL."
            ] + proxyHint(failure)
        case .untrusted(let words):
            return ["\(cannotReach): the connection is not trustworthy: \(words)."]
        case .timedOut:
            return [
                "The service at \(failure.address) did not answer in time. Is it busy? "
                    + lookAt("make logs", failure)
            ]
        case .cutShort:
            return [
                "The service at \(failure.address) ended the connection before it had answered. "
                    + "Was it stopped? " + lookAt("make status", failure)
            ]
        case .foreignResponse(let answer):
            return ForeignResponseText.lines(answer, failure)
        case .refused(let refusal):
            return self.refusal(refusal, failure)
        case .cancelled:
            return ["Stopped before the service had answered."]
        case .other(let words):
            return ["\(cannotReach): \(words)"]
        }
    }

    /// Which variable leads through a proxy; its value may hold a password.
    private static func proxyHint(_ failure: ServiceFailure) -> [String] {
        guard let name = failure.proxyVariable else { return [] }
        return ["\(name) leads through a proxy: check that, or name the machine in no_proxy."]
    }

    /// Commands of the project help on the machine of the service only.
    private static func lookAt(_ command: String, _ failure: ServiceFailure) -> String {
        failure.address.isLoopback ? "Look at: \(command)" : "Ask its operator."
    }

    private static func refusal(_ refusal: ServiceError, _ failure: ServiceFailure) -> [String] {
        let words = refusal.lines.isEmpty ? ["status \(refusal.status)"] : refusal.lines
        switch refusal.status {
        case 404, 405:
            if refusal.lines == ["Not Found"] || refusal.lines == ["Method Not Allowed"] {
                return ForeignResponseText.noRoute(refusal.status, failure)
            }
            guard failure.purpose == .job, refusal.status == 404 else { return words }
            return words + ["See which jobs there are: \(failure.program) list"]
        case 413:
            return words + ["Ask for fewer symbols in one job."]
        case 422 where failure.purpose == .listing && words.contains { $0.hasPrefix("job_id:") }:
            // The service took a part of the path for a job's number: the address ends in /jobs.
            return ForeignResponseText.noRoute(404, failure)
        case 422:
            return ["The service does not accept this request:"] + words.map { "  " + $0 }
        case 401:
            return words + ["Set API_TOKEN to the service's token. Its operator can tell you."]
        case 403 where words.contains(where: { $0.contains("ADMIN_USERS") }):
            return words + [
                "You asked as “\(failure.user)”. Ask one of them; another name of yours goes with "
                    + "--user NAME."
            ]
        case 403:
            return words + [
                "You asked as “\(failure.user)”. The operator of the service can add the name to "
                    + "ALLOWED_USERS, or to ADMIN_USERS where only administrators may; another name "
                    + "goes with --user NAME."
            ]
        case 429, 503:
            let wait = refusal.retryAfterSeconds.map { "in \(DurationText.of(seconds: $0))" }
            return words + ["Try again \(wait ?? "in a moment")."]
        case 500...:
            let name = refusal.requestID.map { " as request \($0)" } ?? ""
            return words + [
                "The reason is in the service's log\(name). \(lookAt("make logs", failure))"
            ]
        default:
            return words
        }
    }
}
