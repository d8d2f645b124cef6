// One run of the program against one service, and what a failed request needs to be explained.

import APIClient

/// Sends requests and prints their answers.
struct Session: Sendable {
    let client: APIClient
    let address: ServiceAddress
    let user: String
    let printsJSON: Bool
    /// How the program was called: the beginning of commands to suggest.
    let program: String
    let console = Console()

    /// Sends one request.
    func send<Answer: Sendable>(
        _ purpose: ServiceFailure.Purpose = .job,
        _ request: (APIClient) async throws -> Answer
    ) async throws(ServiceFailure) -> Answer {
        do {
            return try await request(client)
        } catch {
            // A closure does not say that the client throws nothing else.
            let error = error as? APIClientError ?? .other("\(error)")
            var answer: [UInt8]?
            if printsJSON, case .refused(let refusal) = error { answer = refusal.body }
            throw ServiceFailure(
                cause: error, purpose: purpose, address: address, user: user, program: program,
                answer: answer, proxyVariable: Session.proxyVariable(for: address))
        }
    }

    /// Prints an answer: the service's JSON as received where that was asked for, otherwise text.
    ///
    /// - Throws: ``OutputFailure``
    func print<Value: Sendable>(
        _ reply: APIReply<Value>, as lines: (Value) -> [String]
    ) throws(OutputFailure) {
        if printsJSON {
            try console.print(json: reply.body)
        } else {
            try console.print(lines(reply.value).joined(separator: "\n"))
        }
    }

    /// The variable that makes curl use a proxy for the address, unless `no_proxy` names it.
    static func proxyVariable(
        for address: ServiceAddress, in environment: ProcessEnvironment = .current
    ) -> String? {
        guard !address.isLoopback else { return nil }
        // curl ignores HTTP_PROXY: clients of a web server could set it (CVE-2016-5388).
        let own =
            address.url.lowercased().hasPrefix("https:")
            ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        return (own + ["all_proxy", "ALL_PROXY"]).first { environment[$0] != nil }
    }
}

/// A request that failed, with all that its explanation needs.
struct ServiceFailure: Error {
    /// What the request was for.
    enum Purpose: Equatable {
        /// Under this Idempotency-Key.
        case submission(key: String)
        case job
        case listing
        case limits
    }

    var cause: APIClientError
    var purpose: Purpose
    var address: ServiceAddress
    var user: String
    var program: String
    /// The service's own JSON, where the program prints it.
    var answer: [UInt8]?
    /// The variable that may lead through a proxy.
    var proxyVariable: String?
    /// Whether the answer to an earlier attempt was lost.
    var hasLostAnswer = false

    /// Whether the service may have made the job although no answer says so.
    var mayBeAccepted: Bool {
        guard case .submission = purpose else { return false }
        if case .refused(let refusal) = cause {
            // A conflict with an attempt in flight, or a busy service, says nothing of that
            // attempt.
            return hasLostAnswer && (refusal.status == 409 || cause.isTransient)
        }
        return hasLostAnswer || cause.leavesDoubt
    }
}
