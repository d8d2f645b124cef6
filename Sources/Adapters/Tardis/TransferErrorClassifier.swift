// What it means for a file that a transfer brought no complete answer. Pure.

import Curl
import Jobs

extension DownloadOutcome {
    /// What to do after a transfer failed. ``CurlError``'s texts hold neither paths nor keys.
    ///
    /// - Parameter retryBase: the queue's first back-off.
    init(of error: CurlError, retryBase: Duration) {
        switch error {
        case .proxyRefused(_, let status):
            // As where it answers 407 to the request itself.
            self = .retry(
                after: status == 407 ? retryBase * ReplyTable.rateLimitFactor : nil,
                FileFailure(code: "proxy_refused", detail: "\(error)."))
        case .cancelled:
            self = .interrupted
        case .cannotResolve:
            self = .retry(
                after: nil, FileFailure(code: "dns_failed", detail: "\(error). Is there network?"))
        case .cannotConnect:
            self = .retry(after: nil, FileFailure(code: "connect_failed", detail: "\(error)."))
        case .timedOut:
            self = .retry(after: nil, FileFailure(code: "timed_out", detail: "\(error)."))
        case .cutShort:
            self = .retry(after: nil, FileFailure(code: "cut_short", detail: "\(error)."))
        case .malformed:
            self = .retry(after: nil, FileFailure(code: "malformed_reply", detail: "\(error)."))
        case .other, .refusedByReceiver:
            self = .retry(after: nil, FileFailure(code: "transfer_failed", detail: "\(error)."))
        case .tls:
            // Never fetched without verification; but a login page of the network shows a
            // certificate of its own, and says nothing about the file.
            self = .retry(
                after: nil,
                FileFailure(
                    code: "tls_failed",
                    detail: "\(error)."))
        case .forbiddenAddress:
            self = .retry(
                after: nil,
                FileFailure(
                    code: "request_not_allowed",
                    detail: "\(error). Tardis redirected there. If its storage really has that "
                        + "address here, add the network to UPSTREAM_ALLOWED_NETWORKS."))
        case .refused:
            self = .failed(FileFailure(code: "request_not_allowed", detail: "\(error)."))
        }
    }
}
