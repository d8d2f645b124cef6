// Why a request is refused. It must not know statuses: those are the business of ErrorMapping.

import APITypes

/// A request that cannot be answered as asked.
enum APIError: Error, Hashable {
    case notFound
    case methodNotAllowed(allow: String)
    case invalidToken
    /// Too many wrong tokens came from the address.
    case tooManyWrongTokens(retryAfterSeconds: Int)
    /// The request is for a host of this name, which is not known as the service's.
    case unknownHost(String)
    /// A browser sent a body that is no JSON.
    case foreignBody
    /// X-Username is missing or no name.
    case unnamed(String)
    case notAllowed(user: String)
    /// Idempotency-Key is no key; says what to do.
    case badKey(String)
    /// A request with the same key has not been answered yet.
    case keyInUse
    /// Only administrators may; says what.
    case adminsOnly(String)
    /// A limit is reached; says which. Without seconds, waiting does not help.
    case overLimit(String, retryAfterSeconds: Int?)
    /// There is another version now than the request is for.
    case anotherVersion
    /// The body is compressed.
    case encodedBody
    /// The body is not UTF-8.
    case unreadableBody
    case invalid([ValidationProblem])
    /// No job has this id, which may be too large for one.
    case unknownJob(String)
    /// Not for who asks; says who may.
    case forbidden(String)
    /// Not possible in the state that the job is in; says why.
    case conflict(String)
}
