// Names for the known faults of Tardis and Telegram, so that a script need not spell them out.

/// A fault by name.
enum CommonFault: String, CaseIterable, Sendable {
    /// 401, code 11.
    case expiredKey = "expired-key"
    /// 403, code 274: the key is in use from another address.
    case lockedAddress = "locked-address"
    /// 429 with `Retry-After: 1`.
    case rateLimit = "rate-limit"
    /// 429 with a wait above 300 s, which means that the quota is spent.
    case quota
    case serverError = "server-error"
    case unavailable
    /// 404 with Tardis's JSON.
    case missing
    /// An error page of the front under 200.
    case html = "html-under-200"
    /// A gzip without content.
    case empty
    /// Half a kibibyte, then the connection is closed.
    case short
    /// Half a kibibyte, then the connection is reset.
    case reset
    /// Half a kibibyte, then nothing.
    case stall
    /// No answer at all.
    case drop
    /// Telegram's 429 with `retry_after` 1.
    case botFlood = "bot-flood"
    /// Telegram's 400 with `migrate_to_chat_id`.
    case botMigrated = "bot-migrated"
    /// Telegram's 403.
    case botBlocked = "bot-blocked"
    /// Telegram's 500.
    case botDown = "bot-down"

    var fault: Fault {
        switch self {
        case .expiredKey:
            .tardis(401, code: 11, "The provided API key is expired.")
        case .lockedAddress:
            .json(
                403,
                #"{"code":274,"message":"The API key is already active from another IP address","#
                    + #""retryAfterSeconds":2}"#)
        case .rateLimit:
            .tardis(429, code: 429, "Too many requests", headers: ["Retry-After": "1"])
        case .quota:
            .tardis(429, code: 429, "Transfer quota exhausted", headers: ["Retry-After": "3600"])
        case .serverError:
            .tardis(500, code: 500, "Internal server error")
        case .unavailable:
            Fault(
                answer: .init(
                    status: 503, headers: ["Content-Type": "text/html"],
                    body: "<html><title>503 Service Temporarily Unavailable</title></html>"))
        case .missing:
            .tardis(404, code: 404, "Not found")
        case .html:
            Fault(
                answer: .init(
                    status: 200, headers: ["Content-Type": "text/html"],
                    body: "<!DOCTYPE html><html><body>Attention Required!</body></html>"))
        case .empty: Fault(content: ContentFault(csv: ""))
        case .short: Fault(delivery: DeliveryFault(closeAfter: 512))
        case .reset: Fault(delivery: DeliveryFault(resetAfter: 512))
        case .stall: Fault(delivery: DeliveryFault(stallAfter: 512))
        case .drop: Fault(delivery: DeliveryFault(drop: .close))
        case .botFlood:
            .bot(429, "Too Many Requests: retry after 1", #"{"retry_after":1}"#)
        case .botMigrated:
            .bot(
                400, "Bad Request: group chat was upgraded to a supergroup chat",
                #"{"migrate_to_chat_id":-1001234567890}"#)
        case .botBlocked:
            .bot(403, "Forbidden: bot was blocked by the user")
        case .botDown:
            .bot(500, "Internal Server Error: restart")
        }
    }
}

extension Fault {
    fileprivate static func json(
        _ status: Int, _ body: String, headers: [String: String] = [:]
    ) -> Fault {
        let headers = headers.merging(["Content-Type": "application/json"]) { own, _ in own }
        return Fault(answer: Answer(status: status, headers: headers, body: body))
    }

    fileprivate static func tardis(
        _ status: Int, code: Int, _ message: String, headers: [String: String] = [:]
    ) -> Fault {
        json(status, #"{"code":\#(code),"message":"\#(message)"}"#, headers: headers)
    }

    fileprivate static func bot(
        _ code: Int, _ description: String, _ parameters: String? = nil
    ) -> Fault {
        let tail = parameters.map { #","parameters":\#($0)"# } ?? ""
        return json(
            code, #"{"ok":false,"error_code":\#(code),"description":"\#(description)"\#(tail)}"#)
    }
}
