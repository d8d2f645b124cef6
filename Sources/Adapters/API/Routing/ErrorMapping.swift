// Why requests fail, and the one mapping from errors to responses. Faults of the service are logged
// with the request's id and not shown.

import APITypes
import Datasets
import HTTP
import Jobs
import Logging

/// Why a request fails.
enum APIError: Error, Hashable {
    case notFound
    case methodNotAllowed(allow: String)
    case invalidToken
    /// Too many wrong tokens came from the address.
    case tooManyWrongTokens(retryAfterSeconds: Int)
    /// The request is for a host of this name, which is not one of the service's.
    case unknownHost(String)
    /// A browser sent a body that is not JSON.
    case foreignBody
    /// X-Username is missing or not a name; says which.
    case missingUser(String)
    case notAllowed(user: String)
    /// Idempotency-Key is not a key; says what to do.
    case badKey(String)
    /// A request with the same key is still in progress.
    case keyInUse
    /// For administrators only; says what.
    case adminsOnly(String)
    /// A limit is reached; says which. Without seconds, waiting does not help.
    case overLimit(String, retryAfterSeconds: Int?)
    /// The job's current version is not the one that the request is for.
    case anotherVersion
    /// The body is compressed.
    case encodedBody
    /// The body is not UTF-8.
    case unreadableBody
    case invalid([ValidationProblem])
    /// No job has this id, which may be too large for one.
    case unknownJob(String)
    /// The user may not; says who may.
    case forbidden(String)
    /// Not possible in the job's state; says why.
    case conflict(String)
}

/// Maps errors to responses.
struct ErrorMapping: Sendable {
    /// Seconds until a stopping service has usually restarted.
    private static let restartSeconds = 5
    /// Seconds until a retry makes sense after a full or busy disk.
    private static let storeSeconds = 30

    /// Seconds within which a submission is usually accepted.
    private static let keySeconds = 1

    private static let challenges =
        #"ApiKey realm="download-service", header="X-API-Token", Bearer realm="download-service""#
    private static let keyInUse =
        "A request with the same Idempotency-Key is being answered. Send it again in a second to "
        + "get its answer."

    let logger: Logger

    /// The response to a request that ended in this error.
    func response(to error: any Error, request id: String) -> Response {
        switch error {
        case let error as APIError: response(to: error)
        case JobError.notFound(let job): response(to: .unknownJob(job.description))
        case JobError.stopping, is CancellationError:
            unavailable(
                "The service is stopping. Please try again in a few seconds.",
                retryAfter: ErrorMapping.restartSeconds)
        case JobError.storeFailed(let reason), JobError.databaseMoved(let reason),
            JobError.unknownVersion(let reason):
            storeFailed(reason, request: id)
        default: unexpected(error, request: id)
        }
    }

    private func response(to error: APIError) -> Response {
        switch error {
        case .notFound: message(.notFound, "Not Found")
        case .methodNotAllowed(let allow):
            message(.methodNotAllowed, "Method Not Allowed", ["Allow": allow])
        case .invalidToken:
            message(
                .unauthorized, "Invalid or missing API token",
                ["WWW-Authenticate": ErrorMapping.challenges])
        case .tooManyWrongTokens(let seconds):
            message(
                .tooManyRequests,
                "Too many wrong API tokens came from this address. Check the token, then try "
                    + "again in \(TextFormat.counted(seconds, "second")).",
                ["Retry-After": String(seconds)])
        case .unknownHost(let host):
            message(
                .misdirectedRequest,
                "This service does not know itself by the name \(TextFormat.quoted(host)). Ask for "
                    + "it by its address, or have its operator add the name to ALLOWED_HOSTS.")
        case .foreignBody:
            message(
                .unsupportedMediaType,
                "The body is not declared as JSON. Send it with Content-Type: application/json.",
                ["Accept": "application/json"])
        case .missingUser(let words), .badKey(let words): message(.badRequest, words)
        case .keyInUse:
            message(
                .conflict, ErrorMapping.keyInUse,
                ["Retry-After": String(ErrorMapping.keySeconds)])
        case .overLimit(let words, let seconds?):
            message(.tooManyRequests, words, ["Retry-After": String(seconds)])
        case .overLimit(let words, nil): message(.tooManyRequests, words)
        case .notAllowed(let user):
            message(
                .forbidden,
                "User \(user) is not allowed to use this service. Ask its operator to be added.")
        case .anotherVersion:
            message(
                .preconditionFailed,
                "Nothing was done: what is there now is not what the request's precondition "
                    + "(If-Match, If-None-Match) is about. Look at it, then send the request again."
            )
        case .encodedBody:
            // RFC 9110 §15.5.16.
            message(
                .unsupportedMediaType,
                "The body has a Content-Encoding. Send it as it is, without one.",
                ["Accept-Encoding": "identity"])
        case .unreadableBody: message(.badRequest, "There was an error parsing the body")
        case .invalid(let problems): .json(.unprocessableContent, ErrorResponse(problems))
        case .adminsOnly(let words), .forbidden(let words): message(.forbidden, words)
        case .conflict(let words): message(.conflict, words)
        case .unknownJob(let id): message(.notFound, "Job \(id) not found")
        }
    }

    private func storeFailed(_ reason: String, request id: String) -> Response {
        logger.error("the store failed", metadata: ["request": "\(id)", "error": "\(reason)"])
        return unavailable(
            "The service cannot reach its job store at the moment. Please try again in a minute; "
                + "if that does not help, tell its operator.",
            retryAfter: ErrorMapping.storeSeconds)
    }

    private func unexpected(_ error: any Error, request id: String) -> Response {
        logger.error(
            "a request failed", metadata: ["request": "\(id)", "error": "\(error)"])
        return message(.internalServerError, "Internal Server Error")
    }

    private func unavailable(_ words: String, retryAfter seconds: Int) -> Response {
        message(.serviceUnavailable, words, ["Retry-After": String(seconds)])
    }

    private func message(
        _ status: Status, _ words: String, _ headers: KeyValuePairs<String, String> = [:]
    ) -> Response {
        .json(status, ErrorResponse(words), Headers(headers))
    }
}
