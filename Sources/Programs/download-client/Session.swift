// One run of the program against one service: its client, and what a failure has to be told with.

import APIClient
import APITypes
import JSON

/// Asks the service; failures come back with what is needed to explain them.
struct Session: Sendable {
    private let client: APIClient
    let address: ServiceAddress
    let user: String
    let printsJSON: Bool
    /// How the program was called, as a beginning for commands to suggest.
    let program: String

    init(
        client: APIClient, address: ServiceAddress, user: String, printsJSON: Bool, program: String
    ) {
        self.client = client
        self.address = address
        self.user = user
        self.printsJSON = printsJSON
        self.program = program
    }

    /// - Parameter key: sent as `Idempotency-Key`.
    func submit(
        _ request: SubmitRequest, key: String
    ) async throws(ServiceFailure) -> APIReply<SubmitResponse> {
        do throws(APIClientError) {
            return try await client.submit(request, key: key)
        } catch {
            throw failure(error, .submission(key: key))
        }
    }

    func job(_ id: Int64) async throws(ServiceFailure) -> APIReply<JobResponse> {
        do throws(APIClientError) {
            return try await client.job(id)
        } catch {
            throw failure(error, .job)
        }
    }

    /// The job once it is another than a version that is known.
    func job(
        _ id: Int64, otherThan tag: String, waitSeconds: Int
    ) async throws(ServiceFailure) -> JobPollResult {
        do throws(APIClientError) {
            return try await client.job(id, otherThan: tag, waitSeconds: waitSeconds)
        } catch {
            throw failure(error, .job)
        }
    }

    func list(_ query: JobListQuery) async throws(ServiceFailure) -> APIReply<JobListResponse> {
        do throws(APIClientError) {
            return try await client.list(query)
        } catch {
            throw failure(error, .listing)
        }
    }

    func files(
        of id: Int64, state: String?, limit: Int, offset: Int
    ) async throws(ServiceFailure) -> APIReply<FileListResponse> {
        do throws(APIClientError) {
            return try await client.files(of: id, state: state, limit: limit, offset: offset)
        } catch {
            throw failure(error, .job)
        }
    }

    func verify(
        _ id: Int64, takesRevisions: Bool
    ) async throws(ServiceFailure) -> APIReply<SubmitResponse> {
        do throws(APIClientError) {
            return try await client.verify(id, takesRevisions: takesRevisions)
        } catch {
            throw failure(error, .job)
        }
    }

    func acceptGaps(
        of id: Int64, files: [String]
    ) async throws(ServiceFailure) -> APIReply<JobResponse> {
        do throws(APIClientError) {
            return try await client.acceptGaps(of: id, files: files)
        } catch {
            throw failure(error, .job)
        }
    }

    func pin(_ id: Int64, _ isPinned: Bool) async throws(ServiceFailure) -> APIReply<JobResponse> {
        do throws(APIClientError) {
            return try await client.pin(id, isPinned)
        } catch {
            throw failure(error, .job)
        }
    }

    func manifest(of id: Int64, isSums: Bool) async throws(ServiceFailure) -> [UInt8] {
        do throws(APIClientError) {
            return try await client.manifest(of: id, isSums: isSums)
        } catch {
            throw failure(error, .job)
        }
    }

    func decide(_ route: String) async throws(ServiceFailure) -> APIReply<JSONValue> {
        do throws(APIClientError) {
            return try await client.decide(route)
        } catch {
            throw failure(error, .limits)
        }
    }

    func limits() async throws(ServiceFailure) -> APIReply<LimitsResponse> {
        do throws(APIClientError) {
            return try await client.limits()
        } catch {
            throw failure(error, .limits)
        }
    }

    func change(
        _ limits: JSONValue
    ) async throws(ServiceFailure) -> APIReply<LimitsResponse> {
        do throws(APIClientError) {
            return try await client.changeLimits(limits)
        } catch {
            throw failure(error, .limits)
        }
    }

    func act(
        _ verb: JobCommandName, on id: Int64
    ) async throws(ServiceFailure) -> APIReply<JobResponse> {
        do throws(APIClientError) {
            return try await client.act(verb, on: id)
        } catch {
            throw failure(error, .job)
        }
    }

    func events(
        of id: Int64, limit: Int, offset: Int
    ) async throws(ServiceFailure) -> APIReply<JobEventsResponse> {
        do throws(APIClientError) {
            return try await client.events(of: id, limit: limit, offset: offset)
        } catch {
            throw failure(error, .job)
        }
    }

    /// The variable that makes curl ask a proxy for the address, unless `no_proxy` names it.
    static func proxyVariable(
        for address: ServiceAddress, in environment: ProcessEnvironment = .current
    ) -> String? {
        guard !address.isLoopback else { return nil }
        // curl knows no HTTP_PROXY: clients of a web server could set it (CVE-2016-5388).
        let own =
            address.url.lowercased().hasPrefix("https:")
            ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        return (own + ["all_proxy", "ALL_PROXY"]).first { environment[$0] != nil }
    }

    private func failure(_ cause: APIClientError, _ wish: ServiceFailure.Wish) -> ServiceFailure {
        var answer: [UInt8]?
        if printsJSON, case .refused(let refusal) = cause { answer = refusal.body }
        return ServiceFailure(
            cause: cause, wish: wish, address: address, user: user, program: program,
            answer: answer, proxyVariable: Session.proxyVariable(for: address))
    }
}

/// A request that failed, with all that its explanation needs.
struct ServiceFailure: Error {
    /// What was asked for.
    enum Wish: Equatable {
        /// Under this Idempotency-Key.
        case submission(key: String)
        case job
        case listing
        case limits
    }

    var cause: APIClientError
    var wish: Wish
    var address: ServiceAddress
    var user: String
    var program: String
    /// The service's own JSON, where the program is to print it.
    var answer: [UInt8]?
    /// Which variable may lead through a proxy.
    var proxyVariable: String?
    /// Whether the answer to an earlier attempt was lost.
    var hasLostAnswer = false

    /// Whether the job may be there although no answer says so.
    var mayBeAccepted: Bool {
        guard case .submission = wish else { return false }
        if case .refused(let refusal) = cause {
            // While an attempt is being answered, or nothing can be, the others say nothing.
            return hasLostAnswer && (refusal.status == 409 || cause.isTransient)
        }
        return hasLostAnswer || cause.leavesDoubt
    }
}
