// The service as seen from the other side: its routes as functions. It must not know who asks or
// how the answers are shown.

package import APITypes
package import Curl

/// Speaks to one service in the name of one user.
package struct APIClient: Sendable {
    private let settings: APIClientSettings
    private let curl: CurlClient

    /// A client with a transfer thread of its own.
    package init(_ settings: APIClientSettings) {
        let curl = CurlClient(
            settings: CurlSettings(
                userAgent: "download-client",
                usesEnvironmentProxy: !settings.address.isLoopback))
        self.init(settings, over: curl)
    }

    /// A client over a transfer thread that is there already.
    package init(_ settings: APIClientSettings, over curl: CurlClient) {
        self.settings = settings
        self.curl = curl
    }

    /// Submits a job: `POST /download`.
    ///
    /// - Throws: ``APIClientError``; after one that ``APIClientError/leavesDoubt`` the job may be
    ///   there all the same.
    package func submit(
        _ request: SubmitRequest
    ) async throws(APIClientError) -> APIReply<SubmitAnswer> {
        try await exchange(
            "POST", "/download", body: JSONCoding.encode(request), for: SubmitAnswer.self,
            statuses: [202])
    }

    /// A job with its progress: `GET /jobs/{id}`.
    ///
    /// - Throws: ``APIClientError``
    package func job(_ id: Int64) async throws(APIClientError) -> APIReply<JobAnswer> {
        try await exchange("GET", "/jobs/\(id)", for: JobAnswer.self)
    }

    /// The few members that a script polls for: `GET /jobs/{id}/status`.
    ///
    /// - Throws: ``APIClientError``
    package func status(_ id: Int64) async throws(APIClientError) -> APIReply<JobStatusAnswer> {
        try await exchange("GET", "/jobs/\(id)/status", for: JobStatusAnswer.self)
    }

    /// One page of jobs, newest first: `GET /jobs`.
    ///
    /// - Throws: ``APIClientError``
    package func list(
        _ query: JobListQuery
    ) async throws(APIClientError) -> APIReply<JobListAnswer> {
        try await exchange("GET", "/jobs" + query.text, for: JobListAnswer.self)
    }

    /// One page of a job's files: `GET /jobs/{id}/files`.
    ///
    /// - Parameter state: only files in this state.
    /// - Throws: ``APIClientError``
    package func files(
        of id: Int64, state: String?, limit: Int, offset: Int
    ) async throws(APIClientError) -> APIReply<FileListAnswer> {
        let filter = state.map { "&state=" + PercentEncoding.encode($0) } ?? ""
        return try await exchange(
            "GET", "/jobs/\(id)/files?limit=\(limit)&offset=\(offset)\(filter)",
            for: FileListAnswer.self)
    }

    /// Has a job's published files proven again: `POST /jobs/{id}/verify`.
    ///
    /// - Throws: ``APIClientError``
    package func verify(_ id: Int64) async throws(APIClientError) -> APIReply<SubmitAnswer> {
        try await exchange("POST", "/jobs/\(id)/verify", for: SubmitAnswer.self, statuses: [202])
    }

    /// Does something to a job: `POST /jobs/{id}/cancel` and the like.
    ///
    /// - Throws: ``APIClientError``
    package func act(
        _ verb: JobVerb, on id: Int64
    ) async throws(APIClientError) -> APIReply<JobAnswer> {
        try await exchange(
            "POST", "/jobs/\(id)/\(verb.rawValue)", for: JobAnswer.self, statuses: [200, 202])
    }

    /// One page of what happened to a job, and why it waits: `GET /jobs/{id}/events`.
    ///
    /// - Throws: ``APIClientError``
    package func events(
        of id: Int64, limit: Int, offset: Int
    ) async throws(APIClientError) -> APIReply<JobEventsAnswer> {
        try await exchange(
            "GET", "/jobs/\(id)/events?limit=\(limit)&offset=\(offset)",
            for: JobEventsAnswer.self)
    }

    /// How the service is: `GET /health`. An unhealthy service answers too, with 503.
    ///
    /// - Throws: ``APIClientError``
    package func health() async throws(APIClientError) -> APIReply<HealthReport> {
        try await exchange("GET", "/health", for: HealthReport.self, statuses: [200, 503])
    }

    private func exchange<Value: Decodable & Sendable>(
        _ method: String, _ path: String, body: [UInt8]? = nil, for value: Value.Type,
        statuses: Set<Int> = [200]
    ) async throws(APIClientError) -> APIReply<Value> {
        let request = TransferRequest(
            method: method, url: settings.address.url + path,
            headers: headers(hasBody: body != nil),
            body: body, connectTimeout: settings.connectTimeout,
            totalTimeout: settings.totalTimeout)
        do {
            let (head, body) = try await curl.fetch(request, bodyMaxBytes: settings.replyMaxBytes)
            return try ReplyReader.read(value, head: head, body: body, statuses: statuses)
        } catch let error as CurlError {
            throw APIClient.meaning(of: error)
        } catch let error as APIClientError {
            throw error
        } catch {
            throw .other("\(error)")
        }
    }

    private func headers(hasBody: Bool) -> [(name: String, value: String)] {
        var headers = [(name: "Accept", value: "application/json")]
        if hasBody { headers.append(("Content-Type", "application/json")) }
        headers.append(("X-Username", settings.user))
        if let token = settings.token { headers.append(("X-API-Token", token)) }
        return headers
    }

    private static func meaning(of error: CurlError) -> APIClientError {
        switch error {
        case .cannotResolve: .unknownHost
        case .cannotConnect: .cannotConnect
        case .tls(let words): .untrusted(words)
        case .timedOut: .timedOut
        case .cutShort: .cutShort
        case .malformed: .foreignAnswer(status: nil)
        case .cancelled: .cancelled
        case .refused(let words): .other(words)
        case .refusedByReceiver, .other: .other("\(error)")
        }
    }
}
