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
                userAgent: "download-client/\(ReleaseVersion.current)",
                usesEnvironmentProxy: !settings.address.isLoopback, trust: settings.trust))
        self.init(settings, over: curl)
    }

    /// A client over a transfer thread that is there already.
    package init(_ settings: APIClientSettings, over curl: CurlClient) {
        self.settings = settings
        self.curl = curl
    }

    /// Submits a job: `POST /download`.
    ///
    /// - Parameter key: makes one job of the same request however often it is sent: printable
    ///   ASCII, new for each job that is wanted.
    /// - Throws: ``APIClientError``; after one that ``APIClientError/leavesDoubt`` the job may be
    ///   there all the same.
    package func submit(
        _ request: SubmitRequest, key: String? = nil
    ) async throws(APIClientError) -> APIReply<SubmitAnswer> {
        try await exchange(
            "POST", "/download", body: JSONCoding.encode(request), key: key,
            for: SubmitAnswer.self, statuses: [202])
    }

    /// A job with its progress: `GET /jobs/{id}`.
    ///
    /// - Throws: ``APIClientError``
    package func job(_ id: Int64) async throws(APIClientError) -> APIReply<JobAnswer> {
        try await exchange("GET", "/jobs/\(id)", for: JobAnswer.self)
    }

    /// A job once it is another than a version that is known, or after a while: `GET /jobs/{id}`
    /// with `If-None-Match`, which the service holds until the job changes.
    ///
    /// - Parameters:
    ///   - tag: ``APIReply/entityTag`` of the known version.
    ///   - waitSeconds: less than ``APIClientSettings/totalTimeout``.
    /// - Throws: ``APIClientError``
    package func job(
        _ id: Int64, otherThan tag: String, waitSeconds: Int
    ) async throws(APIClientError) -> JobNews {
        let (head, body) = try await fetch(
            "GET", "/jobs/\(id)",
            further: [("If-None-Match", tag), ("Prefer", "wait=\(waitSeconds)")])
        if head.status == 304 {
            return .unchanged(wasHeld: head["Preference-Applied"]?.hasPrefix("wait") == true)
        }
        return .changed(
            try ReplyReader.read(
                JobAnswer.self, head: head, body: body, statuses: [200], path: "/jobs/\(id)"))
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
    /// - Parameter takesRevisions: whether other bytes at Tardis take the place of recorded ones.
    /// - Throws: ``APIClientError``
    package func verify(
        _ id: Int64, takesRevisions: Bool = false
    ) async throws(APIClientError) -> APIReply<SubmitAnswer> {
        let wish: JSONValue = ["accept_revision": .bool(true)]
        return try await exchange(
            "POST", "/jobs/\(id)/verify", body: takesRevisions ? JSONCoding.encode(wish) : nil,
            for: SubmitAnswer.self, statuses: [202])
    }

    /// Accepts that Tardis does not have files of a job: `POST /jobs/{id}/accept-gaps`.
    ///
    /// - Parameter files: their names; none for all that are missing.
    /// - Throws: ``APIClientError``
    package func acceptGaps(
        of id: Int64, files: [String]
    ) async throws(APIClientError) -> APIReply<JobAnswer> {
        let wish: JSONValue = ["files": .texts(files)]
        return try await exchange(
            "POST", "/jobs/\(id)/accept-gaps",
            body: files.isEmpty ? nil : JSONCoding.encode(wish), for: JobAnswer.self,
            statuses: [200, 202])
    }

    /// Keeps a job however old it gets, or lets it go again: `PATCH /jobs/{id}`.
    ///
    /// - Throws: ``APIClientError``
    package func pin(
        _ id: Int64, _ isPinned: Bool
    ) async throws(APIClientError) -> APIReply<JobAnswer> {
        let wish: JSONValue = ["pinned": .bool(isPinned)]
        return try await exchange(
            "PATCH", "/jobs/\(id)", body: JSONCoding.encode(wish), for: JobAnswer.self)
    }

    /// What a job's data is, file by file, as it is sent: `GET /jobs/{id}/manifest`.
    ///
    /// - Parameter isSums: whether it is wanted as `SHA256SUMS`, not as JSON.
    /// - Throws: ``APIClientError``
    package func manifest(
        of id: Int64, isSums: Bool
    ) async throws(APIClientError) -> [UInt8] {
        let path = "/jobs/\(id)/manifest" + (isSums ? "?format=sha256sums" : "")
        let (head, body) = try await fetch("GET", path)
        if isSums { return try ReplyReader.readText(head: head, body: body, path: path) }
        let reply = try ReplyReader.read(
            JSONValue.self, head: head, body: body, statuses: [200], path: path)
        guard reply.value["job_id"] != nil else {
            throw .foreignAnswer(ForeignAnswer(head, path: path))
        }
        return reply.body
    }

    /// An administrator's decision, which the service may answer in any way: `POST` to a route
    /// below `/settings`.
    ///
    /// - Throws: ``APIClientError``
    package func decide(_ route: String) async throws(APIClientError) -> APIReply<JSONValue> {
        try await exchange("POST", "/settings/\(route)", for: JSONValue.self)
    }

    /// The service's limits: `GET /settings/limits`.
    ///
    /// - Throws: ``APIClientError``
    package func limits() async throws(APIClientError) -> APIReply<LimitsAnswer> {
        try await exchange("GET", "/settings/limits", for: LimitsAnswer.self)
    }

    /// Changes limits: `PATCH /settings/limits`.
    ///
    /// - Parameter limits: the new values by name; `null` stands for the default.
    /// - Throws: ``APIClientError``
    package func changeLimits(
        _ limits: JSONValue
    ) async throws(APIClientError) -> APIReply<LimitsAnswer> {
        try await exchange(
            "PATCH", "/settings/limits", body: JSONCoding.encode(limits), for: LimitsAnswer.self)
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
        _ method: String, _ path: String, body: [UInt8]? = nil, key: String? = nil,
        for value: Value.Type, statuses: Set<Int> = [200]
    ) async throws(APIClientError) -> APIReply<Value> {
        let (head, body) = try await fetch(method, path, body: body, key: key)
        return try ReplyReader.read(
            value, head: head, body: body, statuses: statuses, path: path)
    }

    private func fetch(
        _ method: String, _ path: String, body: [UInt8]? = nil, key: String? = nil,
        further: [(name: String, value: String)] = []
    ) async throws(APIClientError) -> (ResponseHead, [UInt8]) {
        let request = TransferRequest(
            method: method, url: settings.address.url + path,
            headers: headers(hasBody: body != nil, key: key) + further,
            body: body, connectTimeout: settings.connectTimeout,
            totalTimeout: settings.totalTimeout)
        do {
            return try await curl.fetch(request, bodyMaxBytes: settings.replyMaxBytes)
        } catch {
            throw APIClient.meaning(of: error)
        }
    }

    private func headers(hasBody: Bool, key: String?) -> [(name: String, value: String)] {
        var headers = [(name: "Accept", value: "application/json")]
        if hasBody { headers.append(("Content-Type", "application/json")) }
        if let key {
            // A String of RFC 8941 §3.3.3.
            let escaped = key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            headers.append(("Idempotency-Key", "\"\(escaped)\""))
        }
        headers.append(("X-Username", settings.user))
        if let token = settings.token { headers.append(("X-API-Token", token)) }
        return headers
    }

    static func meaning(of error: CurlError) -> APIClientError {
        switch error {
        case .cannotResolve: .unknownHost
        case .cannotConnect: .cannotConnect
        case .proxyRefused(_, let status): .foreignAnswer(ForeignAnswer(status: status))
        case .tls(let words): .untrusted("\(words). \(CertificateTrust.advice(on: words))")
        case .timedOut: .timedOut
        case .cutShort: .cutShort
        case .malformed: .foreignAnswer(ForeignAnswer(status: nil))
        case .cancelled: .cancelled
        case .refused(let words), .forbiddenAddress(let words): .other(words)
        case .refusedByReceiver, .other: .other("\(error)")
        }
    }
}
