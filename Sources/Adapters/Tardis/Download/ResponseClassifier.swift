// The one table of what a response that is no dataset means for the file, the job and the upstream,
// according to Tardis's official client and documentation. Pure.

import Datasets
import Jobs

/// What a response means.
enum ResponseMeaning: Hashable {
    /// The body is the file.
    case dataset
    case redirect
    /// There seems to be no such file; it is requested once more.
    case notFoundOnce(FileFailure)
    /// There is no such file: `unavailable` if the catalogue confirms it, otherwise as given.
    case missing(FileFailure, otherwise: DownloadOutcome)
    case decided(DownloadOutcome)
}

/// Classifies the responses to one attempt at one file.
struct ResponseClassifier {
    let file: DatasetFile
    /// 1 for the first.
    let attempt: Int
    /// Whether an earlier attempt got "not found".
    let wasMissing: Bool
    let retryBase: Duration
    let retryAfterMax: Duration

    /// A quota is renewed at 00:00 UTC, so no pause is longer than a day.
    private static let pauseMax = Duration.seconds(86_400)
    /// How long a key stays locked to another address if the response does not say.
    private static let keyLock = Duration.seconds(900)
    /// The official client adds 60 s to its back-off after a 429 without `Retry-After`: 30 times
    /// its first back-off of 2 s.
    static let rateLimitFactor = 30
    /// In the one kind of 400 that the official clients retry.
    private static let dateWords = "ISO 8601 format"
    /// The official client's cap of a back-off, 120 s, in units of its first one.
    private static let backOffFactorMax = 60

    func classify(_ reply: Reply) -> ResponseMeaning {
        if let outcome = foreign(reply) { return .decided(outcome) }
        if !reply.isFromUpstream, [400, 401, 403].contains(reply.status) {
            return .decided(storageRefused(reply))
        }
        if [400, 401, 403, 404].contains(reply.status), reply.sender != .tardis {
            return .decided(unsigned(reply))
        }
        switch reply.status {
        case 200: return .dataset
        case _ where Reply.isRedirect(reply.status): return .redirect
        case 400: return badRequest(reply)
        case 401, 403: return refusal(of: reply)
        case 404: return notFound(reply)
        case 429: return .decided(rateLimited(reply))
        case 500:
            return .decided(.retry(after: longer(reply, doubledBackOff), serverFailed(reply)))
        case 408, 425, 501...599:
            return .decided(.retry(after: longer(reply, nil), serverFailed(reply)))
        default: return .decided(.retry(after: longer(reply, nil), unexpected(reply)))
        }
    }

    // MARK: Rows

    /// A response from something other than Tardis: it says nothing about the file, the key or its
    /// plan, with any status. `nil` for Tardis's own responses.
    private func foreign(_ reply: Reply) -> DownloadOutcome? {
        switch reply.status {
        case 407:
            let refused = failure(
                "proxy_refused", reply,
                "The proxy refuses the request. It wants a user and a password, as in "
                    + "https_proxy=http://USER:PASSWORD@HOST:PORT.")
            return .retry(after: retryBase * Self.rateLimitFactor, refused)
        case 511:
            let login = failure(
                "network_login", reply,
                "The network asks for a login before it lets anything through.")
            return .retry(after: retryBase * Self.rateLimitFactor, login)
        case _ where reply.sender == .webPage && !Reply.isRedirect(reply.status):
            let page = failure(Reply.webPageCode, reply, Reply.webPageMessage)
            return .retry(after: longer(reply, reply.status == 500 ? doubledBackOff : nil), page)
        default: return nil
        }
    }

    /// A refusal without a sign that Tardis wrote it, such as an empty one.
    private func unsigned(_ reply: Reply) -> DownloadOutcome {
        if reply.status == 400, reply.message?.contains(Self.dateWords) == true {
            return dateRefused(reply)
        }
        guard reply.status == 404, reply.sender == .unknown else { return refusedElsewhere(reply) }
        // Tardis's own words for a missing file are not published: if they are none, the file's
        // owner may accept the gap, but only after all attempts.
        return .retry(
            after: longer(reply, nil),
            failure(
                "not_found", reply,
                "An empty 404 came for the file of \(file.symbol) on \(file.day), where Tardis "
                    + "writes JSON: a proxy may have answered. \(Reply.noVerdict)"))
    }

    private func refusal(of reply: Reply) -> ResponseMeaning {
        if reply.status == 401 { return .decided(.stopJob(keyRefused(reply))) }
        if reply.code == 274 { return .decided(keyElsewhere(reply)) }
        return .decided(
            .failed(
                failure(
                    "forbidden", reply,
                    "Tardis refuses this file. Check that the API key's plan covers "
                        + "\(file.exchange) \(file.dataType.name) on \(file.day).")))
    }

    private func badRequest(_ reply: Reply) -> ResponseMeaning {
        if reply.message?.contains(Self.dateWords) == true { return .decided(dateRefused(reply)) }
        switch reply.code {
        case 300:
            return .decided(
                .failed(
                    failure(
                        "symbol_refused", reply,
                        "Tardis has no symbol \(file.symbol) on \(file.exchange).")))
        case 140:
            let refused = failure(
                "not_available", reply,
                "Tardis has no \(file.dataType.name) of \(file.symbol) on \(file.day).")
            return .missing(refused, otherwise: .failed(refused))
        default:
            return .decided(
                .failed(
                    failure(
                        "request_refused", reply,
                        "Tardis refuses the request for this file; check exchange, data type "
                            + "and symbol.")))
        }
    }

    /// A 404 occurs now and then for files that exist, so it is final only the second time, also
    /// with other failures in between.
    private func notFound(_ reply: Reply) -> ResponseMeaning {
        let missing = failure(
            "not_found", reply,
            "Tardis has no file of \(file.symbol) on \(file.day), and the catalogue does not say "
                + "why. If it should exist, ask Tardis's support.")
        return wasMissing ? .missing(missing, otherwise: .failed(missing)) : .notFoundOnce(missing)
    }

    private func rateLimited(_ reply: Reply) -> DownloadOutcome {
        guard let asked = reply.retryAfter else {
            return .retry(
                after: retryBase * Self.rateLimitFactor,
                failure("rate_limited", reply, "Tardis asks for fewer requests."))
        }
        // Cloudflare and proxies limit rates, too, but know no quota.
        guard asked > retryAfterMax, reply.sender != .other else {
            return .retry(
                after: min(asked, retryAfterMax),
                failure("rate_limited", reply, "Tardis asks for fewer requests."))
        }
        return .pauseUpstream(
            for: min(asked, Self.pauseMax),
            failure(
                "quota_exhausted", reply,
                "Tardis's quota is used up; all downloads pause until it is renewed."))
    }

    private func keyElsewhere(_ reply: Reply) -> DownloadOutcome {
        let wait = reply.retryAfter ?? Self.keyLock
        let refused = failure(
            "key_in_use_elsewhere", reply,
            "The API key is in use from another address: Tardis allows one at a time. Stop the "
                + "other program, or wait.")
        return wait > retryAfterMax
            ? .pauseUpstream(for: min(wait, Self.pauseMax), refused) : .retry(after: wait, refused)
    }

    // MARK: Failures

    private func refusedElsewhere(_ reply: Reply) -> DownloadOutcome {
        .retry(
            after: longer(reply, nil),
            failure(
                "refused_in_between", reply,
                "Something refuses the request that is not Tardis, whose refusals are JSON with a "
                    + "code: a proxy, a firewall or Cloudflare. \(Reply.noVerdict) Let the "
                    + "service reach Tardis."))
    }

    private func dateRefused(_ reply: Reply) -> DownloadOutcome {
        .retry(
            after: nil,
            failure("date_refused", reply, "Tardis rejected the date, as it does now and then."))
    }

    private func keyRefused(_ reply: Reply) -> FileFailure {
        failure(
            "api_key_refused", reply,
            "API key refused: Tardis does not accept TARDIS_API_KEY. Check it, and that its plan "
                + "has not expired.")
    }

    private func storageRefused(_ reply: Reply) -> DownloadOutcome {
        // Signed URLs expire; the next attempt gets a new one.
        .retry(
            after: longer(reply, nil),
            failure(
                "storage_refused", reply,
                "Tardis's storage refused the URL that Tardis redirects to."))
    }

    private func serverFailed(_ reply: Reply) -> FileFailure {
        failure("upstream_failed", reply, "Tardis's server failed.")
    }

    private func unexpected(_ reply: Reply) -> FileFailure {
        failure(
            "unexpected_status", reply,
            "Tardis does not send this status: a proxy or a firewall may have answered.")
    }

    /// The service's own sentence, then the status and the upstream's message.
    private func failure(_ code: String, _ reply: Reply, _ sentence: String) -> FileFailure {
        var source = reply.isFromUpstream ? "HTTP \(reply.status)" : "HTTP \(reply.status) there"
        if let number = reply.code { source += ", code \(number)" }
        if let message = reply.message { source += ": \(message)" }
        return FileFailure(
            code: code, detail: "\(sentence) (\(source))", httpStatus: reply.status)
    }

    // MARK: Waits

    /// Twice the queue's own back-off.
    private var doubledBackOff: Duration {
        let factor = min(1 << min(attempt - 1, 30), Self.backOffFactorMax)
        return retryBase * (2 * factor)
    }

    /// The longer of the server's `Retry-After`, capped, and a wait of the service's own.
    private func longer(_ reply: Reply, _ own: Duration?) -> Duration? {
        guard let asked = reply.retryAfter else { return own }
        return max(min(asked, retryAfterMax), own ?? .zero)
    }
}
