// The client of the HTTP API: the routes of the service as functions.

package import APITypes
import Bytes
import Curl
package import JSON

/// Sends requests to one service in the name of one user.
package struct APIClient: Sendable {
    private let settings: APIClientSettings
    private let curl: CurlClient

    /// A client with a transfer thread of its own.
    package init(_ settings: APIClientSettings) {
        self.settings = settings
        curl = CurlClient(
            settings: CurlSettings(
                userAgent: "download-client/\(ReleaseVersion.current)",
                usesEnvironmentProxy: !settings.address.isLoopback, trust: settings.trust))
    }

    /// Submits a job: `POST /download`.
    ///
    /// - Parameter key: the `Idempotency-Key`, printable ASCII: requests with the same key make one
    ///   job.
    /// - Throws: ``APIClientError``; after one that ``APIClientError/leavesDoubt`` the service may
    ///   have made the job.
    package func submit(
        _ request: SubmitRequest, key: String? = nil
    ) async throws(APIClientError) -> APIReply<SubmitResponse> {
        try await exchange(
            "POST", "/download", body: JSONCoding.encode(request), key: key,
            for: SubmitResponse.self, statuses: [202])
    }

    /// A job with its progress: `GET /jobs/{id}`.
    ///
    /// - Throws: ``APIClientError``
    package func job(_ id: Int64) async throws(APIClientError) -> APIReply<JobResponse> {
        try await exchange("GET", "/jobs/\(id)", for: JobResponse.self)
    }

    /// A job as soon as it differs from a known version, or after a while: `GET /jobs/{id}` with
    /// `If-None-Match`, which the service holds until the job changes.
    ///
    /// - Parameters:
    ///   - tag: ``APIReply/entityTag`` of the known version.
    ///   - waitSeconds: less than ``APIClientSettings/totalTimeout``.
    /// - Throws: ``APIClientError``
    package func job(
        _ id: Int64, otherThan tag: String, waitSeconds: Int
    ) async throws(APIClientError) -> JobPollResult {
        let (head, body) = try await fetch(
            "GET", "/jobs/\(id)",
            further: [("If-None-Match", tag), ("Prefer", "wait=\(waitSeconds)")])
        if head.status == 304 {
            return .unchanged(wasHeld: head["Preference-Applied"]?.hasPrefix("wait") == true)
        }
        return .changed(
            try ResponseDecoder.read(
                JobResponse.self, head: head, body: body, statuses: [200], path: "/jobs/\(id)"))
    }

    /// One page of jobs, newest first: `GET /jobs`.
    ///
    /// - Throws: ``APIClientError``
    package func list(
        _ query: JobListQuery
    ) async throws(APIClientError) -> APIReply<JobListResponse> {
        try await exchange("GET", "/jobs" + query.text, for: JobListResponse.self)
    }

    /// One page of a job's files: `GET /jobs/{id}/files`.
    ///
    /// - Parameter state: only files in this state.
    /// - Throws: ``APIClientError``
    package func files(
        of id: Int64, state: String?, limit: Int, offset: Int
    ) async throws(APIClientError) -> APIReply<FileListResponse> {
        let filter = state.map { "&state=" + PercentEncoding.encode($0) } ?? ""
        return try await exchange(
            "GET", "/jobs/\(id)/files?limit=\(limit)&offset=\(offset)\(filter)",
            for: FileListResponse.self)
    }

    /// Verifies a job's published files again: `POST /jobs/{id}/verify`.
    ///
    /// - Parameter takesRevisions: whether other bytes at Tardis take the place of recorded ones.
    /// - Throws: ``APIClientError``
    package func verify(
        _ id: Int64, takesRevisions: Bool = false
    ) async throws(APIClientError) -> APIReply<SubmitResponse> {
        let options: JSONValue = ["accept_revision": .bool(true)]
        return try await exchange(
            "POST", "/jobs/\(id)/verify", body: takesRevisions ? JSONCoding.encode(options) : nil,
            for: SubmitResponse.self, statuses: [202])
    }

    /// Accepts that Tardis does not have files of a job: `POST /jobs/{id}/accept-gaps`.
    ///
    /// - Parameter files: their names; none for all that are missing.
    /// - Throws: ``APIClientError``
    package func acceptGaps(
        of id: Int64, files: [String]
    ) async throws(APIClientError) -> APIReply<JobResponse> {
        let options: JSONValue = ["files": .texts(files)]
        return try await exchange(
            "POST", "/jobs/\(id)/accept-gaps",
            body: files.isEmpty ? nil : JSONCoding.encode(options), for: JobResponse.self,
            statuses: [200, 202])
    }

    /// Exempts a job from retention by age, or ends that: `PATCH /jobs/{id}`.
    ///
    /// - Throws: ``APIClientError``
    package func pin(
        _ id: Int64, _ isPinned: Bool
    ) async throws(APIClientError) -> APIReply<JobResponse> {
        let options: JSONValue = ["pinned": .bool(isPinned)]
        return try await exchange(
            "PATCH", "/jobs/\(id)", body: JSONCoding.encode(options), for: JobResponse.self)
    }

    /// The checksums of a job's files, as received: `GET /jobs/{id}/manifest`.
    ///
    /// - Parameter isSums: `SHA256SUMS` in place of JSON.
    /// - Throws: ``APIClientError``
    package func manifest(
        of id: Int64, isSums: Bool
    ) async throws(APIClientError) -> [UInt8] {
        let path = "/jobs/\(id)/manifest" + (isSums ? "?format=sha256sums" : "")
        let (head, body) = try await fetch("GET", path)
        if isSums { return try ResponseDecoder.readText(head: head, body: body, path: path) }
        let reply = try ResponseDecoder.read(
            JSONValue.self, head: head, body: body, statuses: [200], path: path)
        guard reply.value["job_id"] != nil else {
            throw .foreignResponse(ForeignResponse(head, path: path))
        }
        return reply.body
    }

    /// An administrator's decision, answered by any JSON: `POST` to a route below `/settings`.
    ///
    /// - Throws: ``APIClientError``
    package func decide(_ route: String) async throws(APIClientError) -> APIReply<JSONValue> {
        try await exchange("POST", "/settings/\(route)", for: JSONValue.self)
    }

    /// The service's limits: `GET /settings/limits`.
    ///
    /// - Throws: ``APIClientError``
    package func limits() async throws(APIClientError) -> APIReply<LimitsResponse> {
        try await exchange("GET", "/settings/limits", for: LimitsResponse.self)
    }

    /// Changes limits: `PATCH /settings/limits`.
    ///
    /// - Parameter limits: the new values by name; `null` stands for the default.
    /// - Throws: ``APIClientError``
    package func changeLimits(
        _ limits: JSONValue
    ) async throws(APIClientError) -> APIReply<LimitsResponse> {
        try await exchange(
            "PATCH", "/settings/limits", body: JSONCoding.encode(limits), for: LimitsResponse.self)
    }

    /// Sends a command to a job: `POST /jobs/{id}/cancel` and the like.
    ///
    /// - Throws: ``APIClientError``
    package func act(
        _ command: JobCommandName, on id: Int64
    ) async throws(APIClientError) -> APIReply<JobResponse> {
        try await exchange(
            "POST", "/jobs/\(id)/\(command.rawValue)", for: JobResponse.self, statuses: [200, 202])
    }

    /// One page of the events of a job, and why it waits: `GET /jobs/{id}/events`.
    ///
    /// - Throws: ``APIClientError``
    package func events(
        of id: Int64, limit: Int, offset: Int
    ) async throws(APIClientError) -> APIReply<JobEventsResponse> {
        try await exchange(
            "GET", "/jobs/\(id)/events?limit=\(limit)&offset=\(offset)",
            for: JobEventsResponse.self)
    }

    private func exchange<Value: Decodable & Sendable>(
        _ method: String, _ path: String, body: [UInt8]? = nil, key: String? = nil,
        for value: Value.Type, statuses: Set<Int> = [200]
    ) async throws(APIClientError) -> APIReply<Value> {
        let (head, body) = try await fetch(method, path, body: body, key: key)
        return try ResponseDecoder.read(
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
            throw APIClient.clientError(for: error)
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

    static func clientError(for error: CurlError) -> APIClientError {
        switch error {
        case .cannotResolve: .unknownHost
        case .cannotConnect: .cannotConnect
        case .proxyRefused(_, let status): .foreignResponse(ForeignResponse(status: status))
        case .tls(let words): .untrusted("\(words). \(CertificateTrust.advice(on: words))")
        case .timedOut: .timedOut
        case .cutShort: .cutShort
        case .malformed: .foreignResponse(ForeignResponse(status: nil))
        case .cancelled: .cancelled
        case .refused(let words), .forbiddenAddress(let words): .other(words)
        case .refusedByReceiver, .other: .other("\(error)")
        }
    }
}

/// The parameters of `GET /jobs`; the server has a default for each that is `nil`.
package struct JobListQuery: Hashable, Sendable {
    /// Jobs on the page; the server takes 1…500.
    package var limit: Int?
    /// Jobs skipped before the page.
    package var offset: Int?
    package var status: String?
    package var user: String?
    package var exchange: String?

    package init(
        limit: Int? = nil, offset: Int? = nil, status: String? = nil, user: String? = nil,
        exchange: String? = nil
    ) {
        self.limit = limit
        self.offset = offset
        self.status = status
        self.user = user
        self.exchange = exchange
    }

    /// The query part of the URL with its `?`; empty without any parameter.
    var text: String {
        let parameters: [(name: String, value: String?)] = [
            ("limit", limit.map(String.init)), ("offset", offset.map(String.init)),
            ("status", status), ("user", user), ("exchange", exchange),
        ]
        let parts = parameters.compactMap { name, value in
            value.map { "\(name)=\(PercentEncoding.encode($0))" }
        }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }
}
