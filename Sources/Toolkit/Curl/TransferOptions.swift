// The options and callbacks of one easy handle, from settings and a request.

import CCurl

/// Sets the options of one easy handle.
struct TransferOptions {
    let handle: UnsafeMutableRawPointer
    let host: String

    /// How long a resolved address is cached: curl's own default.
    private static let addressLifetimeSeconds = 60
    /// How long an idle connection may be reused. curl's default is 118 s; servers in front of
    /// object storage commonly close after 60 s, and a request on a closed connection costs a round
    /// trip.
    private static let idleConnectionSecondsMax = 55
    /// Bytes of one read from a socket. Larger buffers were measured to gain nothing.
    private static let receiveBufferBytes = 256 * 1024

    /// The options of every transfer of a client.
    func apply(_ settings: CurlSettings) throws(CurlError) {
        try set(CURLOPT_USERAGENT, settings.userAgent)
        try set(CURLOPT_DNS_CACHE_TIMEOUT, TransferOptions.addressLifetimeSeconds)
        try set(CURLOPT_MAXAGE_CONN, TransferOptions.idleConnectionSecondsMax)
        try set(CURLOPT_BUFFERSIZE, TransferOptions.receiveBufferBytes)
        if !settings.usesEnvironmentProxy || LoopbackHost.contains(host) {
            try set(CURLOPT_PROXY, "")
        }
        // The same for the server and for a proxy that is reached by TLS.
        if let file = settings.trust.file {
            try set(CURLOPT_CAINFO, file)
            try set(CURLOPT_PROXY_CAINFO, file)
        }
        if let folders = settings.trust.folders {
            try set(CURLOPT_CAPATH, folders)
            try set(CURLOPT_PROXY_CAPATH, folders)
        }

        // Signals belong to the process, not to a thread of it.
        try set(CURLOPT_NOSIGNAL, 1)
        // Without it, ending a transfer whose name is being resolved waits for getaddrinfo to
        // return, and all other transfers with it.
        try set(CURLOPT_QUICK_EXIT, 1)
        // HTTP/2 was measured (`make bench-download ROWS=http2`): small files arrive no sooner,
        // large ones an eighth later.
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_FOLLOWLOCATION, 0)
        // A response of any status is a result; with FAILONERROR its headers would be lost.
        try set(CURLOPT_FAILONERROR, 0)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_NOPROGRESS, 1)
    }

    /// The options of one request.
    ///
    /// - Parameter headerList: receives the list, which must outlive the handle.
    func apply(
        _ request: TransferRequest, headerList: inout UnsafeMutablePointer<curl_slist>?
    ) throws(CurlError) {
        try set(CURLOPT_URL, request.url)
        let schemes = request.schemes.joined(separator: ",")
        try set(CURLOPT_PROTOCOLS_STR, schemes)
        try set(CURLOPT_REDIR_PROTOCOLS_STR, schemes)
        try setMethod(request)
        try setHeaders(request, list: &headerList)
        try set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeout))
        if let total = request.totalTimeout { try set(CURLOPT_TIMEOUT_MS, milliseconds(total)) }
        if request.usesNewConnection { try set(CURLOPT_FRESH_CONNECT, 1) }
    }

    /// Connects the handle to its owner.
    func connect(
        to owner: UnsafeMutableRawPointer, errorBuffer: UnsafeMutablePointer<CChar>
    ) throws(CurlError) {
        try check(ccurl_set_pointer(handle, CURLOPT_PRIVATE, owner))
        try check(ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorBuffer))
        try check(
            ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION, TransferCallbacks.body))
        try check(ccurl_set_pointer(handle, CURLOPT_WRITEDATA, owner))
        try check(
            ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION, TransferCallbacks.header))
        try check(ccurl_set_pointer(handle, CURLOPT_HEADERDATA, owner))
        try check(ccurl_set_prereq_callback(handle, TransferCallbacks.beforeRequest))
        try check(ccurl_set_pointer(handle, CURLOPT_PREREQDATA, owner))
    }

    private func setMethod(_ request: TransferRequest) throws(CurlError) {
        switch (request.method, request.body) {
        case ("GET", nil): try set(CURLOPT_HTTPGET, 1)
        // CUSTOMREQUEST would wait for the body that a HEAD announces and never sends.
        case ("HEAD", nil): try set(CURLOPT_NOBODY, 1)
        case (let method, nil) where method != "POST": try set(CURLOPT_CUSTOMREQUEST, method)
        case (let method, let body): try setBody(body ?? [], method: method)
        }
    }

    private func setBody(_ body: [UInt8], method: String) throws(CurlError) {
        try set(CURLOPT_POST, 1)
        if method != "POST" { try set(CURLOPT_CUSTOMREQUEST, method) }
        // The size first: COPYPOSTFIELDS copies that many bytes, or up to a NUL without it.
        try check(
            ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        let code = body.withUnsafeBytes { bytes in
            // An empty array may have no address, which curl takes for "use the read callback".
            withUnsafeBytes(of: UInt8(0)) { nothing in
                let start = bytes.baseAddress ?? nothing.baseAddress
                return ccurl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
            }
        }
        try check(code)
    }

    private func setHeaders(
        _ request: TransferRequest, list: inout UnsafeMutablePointer<curl_slist>?
    ) throws(CurlError) {
        var lines = request.headers.map { name, value in
            // "Name:" would remove a header of curl's own; "Name;" sends an empty one.
            value.allSatisfy { $0 == " " || $0 == "\t" } ? "\(name);" : "\(name): \(value)"
        }
        if request.body != nil || request.method == "POST" {
            let given = Set(request.headers.map { $0.name.lowercased() })
            // Without these lines curl declares any body a form, and awaits a 100 before a large
            // one.
            lines += ["Content-Type", "Expect"].filter { !given.contains($0.lowercased()) }
                .map { "\($0):" }
        }
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                throw .other(Int32(CURLE_OUT_OF_MEMORY.rawValue), "no memory for the headers")
            }
            list = longer
        }
        try check(ccurl_set_list(handle, CURLOPT_HTTPHEADER, list))
    }

    // MARK: One option

    private func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try check(ccurl_set_long(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(CurlError) {
        try check(ccurl_set_string(handle, option, value))
    }

    private func check(_ code: CURLcode) throws(CurlError) {
        guard code != CURLE_OK else { return }
        let words = "\(host): \(String(cString: curl_easy_strerror(code)))"
        throw code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT
            ? .refused(words) : .other(Int32(code.rawValue), words)
    }

    /// At least one: curl takes 0 for "no limit".
    private func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}

/// The functions that curl calls; the context of each is the ``Transfer``. They only translate: no
/// Swift error can leave them, and their result tells curl to go on, pause or abort.
enum TransferCallbacks {
    /// CURLOPT_WRITEFUNCTION.
    static let body: ccurl_data_callback = { bytes, size, count, context in
        guard let bytes, let context else { return abort }
        let length = size * count
        let piece = UnsafeRawBufferPointer(start: bytes, count: length)
        // curl may announce an empty body by a call without bytes.
        guard length > 0 else { return 0 }
        return answer(Transfer.at(context).take(body: piece), length: length)
    }

    /// CURLOPT_HEADERFUNCTION: one line per call, its line end included.
    static let header: ccurl_data_callback = { bytes, size, count, context in
        guard let bytes, let context else { return abort }
        let length = size * count
        let line = UnsafeRawBufferPointer(start: bytes, count: length)
        return answer(Transfer.at(context).take(headerLine: line), length: length)
    }

    /// CURLOPT_PREREQFUNCTION: after connecting, before the request is sent.
    static let beforeRequest: curl_prereq_callback = { context, address, _, port, _ in
        guard let context, let address else { return CURL_PREREQFUNC_ABORT }
        return Transfer.at(context).mayUse(address: String(cString: address), port: Int(port))
            ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    /// Any number but the length aborts; CURL_WRITEFUNC_ERROR says so outright (since 7.87).
    private static let abort = Int(CURL_WRITEFUNC_ERROR)

    private static func answer(_ taking: Transfer.Taking, length: Int) -> Int {
        switch taking {
        case .taken: length
        case .paused: Int(CURL_WRITEFUNC_PAUSE)
        case .aborted: abort
        }
    }
}
