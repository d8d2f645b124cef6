// One transfer while curl performs it: the easy handle, and what its callbacks collect.

import CCurl
import Glibc

/// Owns an easy handle. Confined to the transfer thread.
final class Transfer {
    let queued: QueuedTransfer
    let handle: UnsafeMutableRawPointer
    /// Memory that curl reads as long as the handle lives.
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let words: UnsafeMutablePointer<CChar>

    private var collector = HeadCollector()
    private var head: ResponseHead?
    private var bodyBytes = 0
    private var pause = Pause.none
    private var isStopped = false
    private var trailerBytes = 0
    /// Why the response is not acceptable.
    private var malformation: String?
    private var refusedAddress: String?
    /// The address of the connection if no proxy is in between.
    private var directAddress: String?
    private let limiter: RateLimiter
    private var stallDetector: StallDetector

    private static let trailerBytesMax = 64 * 1024

    /// What holds the body back.
    private enum Pause {
        case none
        /// The receiver returned a pause for the head; curl has not been told yet.
        case beforeBody
        /// The receiver; curl was told, and does not read.
        case inCurl
        /// The rate limiter, and curl was told.
        case byRate
    }

    var id: UInt64 { queued.id }

    /// - Throws: ``CurlError`` when curl does not take one of the options.
    init(
        _ queued: QueuedTransfer, settings: CurlSettings, limiter: RateLimiter
    ) throws(CurlError) {
        guard let handle = curl_easy_init() else {
            throw .other(Int32(CURLE_OUT_OF_MEMORY.rawValue), "curl_easy_init refused")
        }
        self.queued = queued
        self.handle = handle
        self.limiter = limiter
        stallDetector = StallDetector(
            bytesPerSecondMin: queued.request.stallBytesPerSecond,
            timeout: queued.request.stallTimeout)
        words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        headerList = nil
        let options = TransferOptions(handle: handle, host: queued.target.host)
        let context = Unmanaged.passUnretained(self).toOpaque()
        try options.apply(settings)
        try options.apply(queued.request, headerList: &headerList)
        try options.connect(to: context, errorBuffer: words)
    }

    deinit {
        // The handle first: it refers to the other two.
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        words.deallocate()
    }

    /// The transfer that an easy handle belongs to.
    static func owner(of handle: UnsafeMutableRawPointer) -> Transfer? {
        var context: UnsafeMutableRawPointer?
        guard ccurl_get_pointer(handle, CURLINFO_PRIVATE, &context) == CURLE_OK else { return nil }
        return context.map(at)
    }

    /// The transfer behind a callback's context.
    static func at(_ context: UnsafeMutableRawPointer) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// Continues a body that the receiver held back; curl hands over the bytes it kept within this
    /// call.
    ///
    /// - Returns: the result, if the transfer ended: curl reports an abort during curl_easy_pause
    ///   to its caller instead of ending the transfer itself.
    func resume() -> Result<TransferSummary, CurlError>? {
        switch pause {
        case .none, .byRate: return nil
        case .beforeBody:
            pause = .none
            return nil
        case .inCurl: return resumeCurl()
        }
    }

    /// As ``resume()``, for a body that the rate limiter held back.
    func letPass() -> Result<TransferSummary, CurlError>? {
        guard case .byRate = pause else { return nil }
        return resumeCurl()
    }

    private func resumeCurl() -> Result<TransferSummary, CurlError>? {
        pause = .none
        stallDetector.resume(at: .now)
        let code = curl_easy_pause(handle, CURLPAUSE_CONT)
        return code == CURLE_OK ? nil : result(of: code)
    }

    // MARK: From curl's callbacks

    /// What to tell curl about the bytes that it handed over.
    enum Taking {
        case taken
        case paused
        case aborted
    }

    func take(headerLine: UnsafeRawBufferPointer) -> Taking {
        if head != nil { return take(trailer: headerLine) }
        guard var complete = collector.take(line: headerLine) else { return .taken }
        if (300..<400).contains(complete.status), let location = complete["Location"] {
            complete.redirectURL = TransferTarget.resolve(location, from: queued.request.url)
        }
        complete.retryAfter = complete.retryAfter(at: time(nil))
        head = complete
        let decision = queued.receiver.receive(head: complete)
        if complete.hasForeignCoding {
            // curl would decode it: a few kilobytes that a paused receiver does not take may then
            // be gigabytes in memory.
            malformation = "a Transfer-Encoding that was not requested"
            return .aborted
        }
        if complete.status >= 400, let timeout = queued.request.refusalTimeout {
            // At any speed: the whole body has to end within the time-out.
            stallDetector = StallDetector(bytesPerSecondMin: .max, timeout: timeout)
            stallDetector.begin(at: .now)
        }
        switch decision {
        case .goOn: return .taken
        case .pause:
            pause = .beforeBody
            return .taken
        case .stop:
            isStopped = true
            return .aborted
        }
    }

    /// After the head only trailers follow (RFC 9112 §7.1.2). curl keeps them all, so their size is
    /// bounded here.
    private func take(trailer line: UnsafeRawBufferPointer) -> Taking {
        trailerBytes += line.count
        guard trailerBytes > Self.trailerBytesMax else { return .taken }
        malformation = "more than \(Self.trailerBytesMax) bytes of trailers"
        return .aborted
    }

    func take(body bytes: UnsafeRawBufferPointer) -> Taking {
        if case .beforeBody = pause { return pauseCurl(.inCurl) }
        let asks = queued.request.isPaced && limiter.holdsBytes
        if asks, !limiter.mayPass(id, at: .now) { return pauseCurl(.byRate) }
        switch queued.receiver.receive(bytes) {
        case .goOn:
            bodyBytes += bytes.count
            stallDetector.received(bytes.count)
            if asks { limiter.passed(bytes.count) }
            return .taken
        case .pause: return pauseCurl(.inCurl)
        case .stop:
            isStopped = true
            return .aborted
        }
    }

    /// Whether the request may be sent to the address of the connection.
    ///
    /// - Parameter port: of the connection. A port other than the target's is a proxy's, as a
    ///   direct connection always has the port of the URL.
    func mayUse(address: String, port: Int) -> Bool {
        stallDetector.begin(at: .now)
        guard port == queued.target.port else { return true }
        directAddress = address
        if queued.request.addresses.allows(address) { return true }
        refusedAddress = address
        return false
    }

    private func pauseCurl(_ reason: Pause) -> Taking {
        pause = reason
        stallDetector.pause(at: .now)
        return .paused
    }

    /// The error of a transfer that has stalled by now; `nil` for any other.
    func stall(at now: ContinuousClock.Instant) -> CurlError? {
        guard stallDetector.hasStalled(at: now) else { return nil }
        let (host, request) = (queued.target.host, queued.request)
        if let status = head?.status, status >= 400, let timeout = request.refusalTimeout {
            return .timedOut("\(host): HTTP \(status), whose body did not end within \(timeout)")
        }
        return .timedOut(
            "\(host): fewer than \(request.stallBytesPerSecond) bytes per second for "
                + "\(request.stallTimeout)")
    }

    // MARK: At the end

    /// The result for the caller when curl has finished with the code.
    func result(of code: CURLcode) -> Result<TransferSummary, CurlError> {
        if isStopped { return .failure(.refusedByReceiver) }
        let host = queued.target.host
        if let refusedAddress {
            return .failure(.forbiddenAddress("\(host): \(refusedAddress) is not public"))
        }
        if let malformation { return .failure(.malformed("\(host): \(malformation)")) }
        guard code == CURLE_OK else { return .failure(failure(code)) }
        guard let head else { return .failure(.malformed("\(host): a response without a head")) }
        return .success(
            TransferSummary(
                head: head, bodyBytes: bodyBytes,
                duration: .microseconds(offset(CURLINFO_TOTAL_TIME_T)),
                usedNewConnection: hasConnected, address: directAddress))
    }

    /// Whether a connection was opened for the transfer.
    private var hasConnected: Bool {
        var count = 0
        return ccurl_get_long(handle, CURLINFO_NUM_CONNECTS, &count) == CURLE_OK && count > 0
    }

    private func failure(_ code: CURLcode) -> CurlError {
        let general = String(cString: curl_easy_strerror(code))
        let detail = String(cString: words)
        let failure = CurlFailure(
            code: code, words: detail.isEmpty ? general : detail, wasConnected: wasConnected)
        var secrets = queued.target.secretParts
        secrets += queued.request.headers.map(\.value)
        return failure.error(host: queued.target.host, secrets: secrets, otherwise: general)
    }

    /// Whether there was a connection at all.
    private var wasConnected: Bool {
        var address: UnsafePointer<CChar>?
        guard ccurl_get_string(handle, CURLINFO_PRIMARY_IP, &address) == CURLE_OK, let address
        else { return false }
        return address.pointee != 0
    }

    private func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return ccurl_get_offset(handle, info, &value) == CURLE_OK ? Int(value) : 0
    }
}
