// One transfer while curl works on it: the easy handle, and what its callbacks collect. It must not
// know the other transfers.

import CCurl
import Glibc

/// Owns an easy handle. Confined to the transfer thread.
final class Transfer {
    let order: TransferOrder
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
    /// Why the answer is none that can be taken.
    private var flaw: String?
    private var refusedAddress: String?
    /// The address of the connection where no proxy is in between.
    private var directAddress: String?
    private let pace: TransferPace
    private var watch: StallWatch

    private static let trailerBytesMax = 64 * 1024

    /// Who holds the body back.
    private enum Pause {
        case none
        /// The receiver answered the head with a pause; curl has not been told yet.
        case beforeBody
        /// The receiver; curl was told, and does not read.
        case inCurl
        /// The pace of all transfers, and curl was told.
        case byPace
    }

    var id: UInt64 { order.id }

    /// - Throws: ``CurlError`` when curl does not take one of the options.
    init(
        _ order: TransferOrder, settings: CurlSettings, pace: TransferPace
    ) throws(CurlError) {
        guard let handle = curl_easy_init() else {
            throw .other(Int32(CURLE_OUT_OF_MEMORY.rawValue), "curl_easy_init refused")
        }
        self.order = order
        self.handle = handle
        self.pace = pace
        watch = StallWatch(
            bytesPerSecondMin: order.request.stallBytesPerSecond,
            timeout: order.request.stallTimeout)
        words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        headerList = nil
        let options = TransferOptions(handle: handle, host: order.target.host)
        let context = Unmanaged.passUnretained(self).toOpaque()
        try options.apply(settings)
        try options.apply(order.request, headerList: &headerList)
        try options.connect(to: context, errorBuffer: words)
    }

    deinit {
        // The handle first: it refers to the other two until it is gone.
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

    /// Lets the body go on, where it was the receiver who held it back; curl hands over what it has
    /// kept within this call.
    ///
    /// - Returns: how the transfer ended, where it did: curl leaves an abort in that moment to the
    ///   caller of curl_easy_pause instead of ending the transfer itself.
    func resume() -> Result<TransferSummary, CurlError>? {
        switch pause {
        case .none, .byPace: return nil
        case .beforeBody:
            pause = .none
            return nil
        case .inCurl: return resumeCurl()
        }
    }

    /// As ``resume()``, where it was the pace of all transfers that held the body back.
    func letPass() -> Result<TransferSummary, CurlError>? {
        guard case .byPace = pause else { return nil }
        return resumeCurl()
    }

    private func resumeCurl() -> Result<TransferSummary, CurlError>? {
        pause = .none
        watch.resume(at: .now)
        let code = curl_easy_pause(handle, CURLPAUSE_CONT)
        return code == CURLE_OK ? nil : result(of: code)
    }

    // MARK: From curl's callbacks

    /// What became of bytes that curl handed over.
    enum Taking {
        case taken
        case paused
        case aborted
    }

    func take(headerLine: UnsafeRawBufferPointer) -> Taking {
        if head != nil { return take(trailer: headerLine) }
        guard var complete = collector.take(line: headerLine) else { return .taken }
        if (300..<400).contains(complete.status), let location = complete["Location"] {
            complete.redirectURL = TransferTarget.resolve(location, from: order.request.url)
        }
        complete.retryAfter = complete.retryAfter(at: time(nil))
        head = complete
        let decision = order.receiver.receive(head: complete)
        if complete.hasForeignCoding {
            // Nobody asked for it, and curl would unwrap it: what a paused receiver does not take
            // of a few kilobytes may then be gigabytes in memory.
            flaw = "a Transfer-Encoding that nobody asked for"
            return .aborted
        }
        if complete.status >= 400, let timeout = order.request.refusalTimeout {
            // However fast it comes.
            watch = StallWatch(bytesPerSecondMin: .max, timeout: timeout)
            watch.begin(at: .now)
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

    /// After the head only trailers come (RFC 9112 §7.1.2): nobody asked for them, but curl keeps
    /// them all.
    private func take(trailer line: UnsafeRawBufferPointer) -> Taking {
        trailerBytes += line.count
        guard trailerBytes > Self.trailerBytesMax else { return .taken }
        flaw = "more than \(Self.trailerBytesMax) bytes of trailers"
        return .aborted
    }

    func take(body bytes: UnsafeRawBufferPointer) -> Taking {
        if case .beforeBody = pause { return pauseCurl(.inCurl) }
        let asks = order.request.isPaced && pace.holdsBytes
        if asks, !pace.mayPass(id, at: .now) { return pauseCurl(.byPace) }
        switch order.receiver.receive(bytes) {
        case .goOn:
            bodyBytes += bytes.count
            watch.received(bytes.count)
            if asks { pace.passed(bytes.count) }
            return .taken
        case .pause: return pauseCurl(.inCurl)
        case .stop:
            isStopped = true
            return .aborted
        }
    }

    /// Whether the request may be sent to the address that the connection has.
    ///
    /// - Parameter port: of the connection. One other than the target's is a proxy's, as a direct
    ///   connection always has the port of the URL.
    func mayUse(address: String, port: Int) -> Bool {
        watch.begin(at: .now)
        guard port == order.target.port else { return true }
        directAddress = address
        if order.request.addresses.allows(address) { return true }
        refusedAddress = address
        return false
    }

    private func pauseCurl(_ reason: Pause) -> Taking {
        pause = reason
        watch.pause(at: .now)
        return .paused
    }

    /// The error of a transfer that has stalled by now; `nil` for any other.
    func stall(at now: ContinuousClock.Instant) -> CurlError? {
        guard watch.hasStalled(at: now) else { return nil }
        let (host, request) = (order.target.host, order.request)
        if let status = head?.status, status >= 400, let timeout = request.refusalTimeout {
            return .timedOut("\(host): HTTP \(status), whose body did not end within \(timeout)")
        }
        return .timedOut(
            "\(host): fewer than \(request.stallBytesPerSecond) bytes per second for "
                + "\(request.stallTimeout)")
    }

    // MARK: At the end

    /// What the caller learns when curl has finished with the given code.
    func result(of code: CURLcode) -> Result<TransferSummary, CurlError> {
        if isStopped { return .failure(.refusedByReceiver) }
        let host = order.target.host
        if let refusedAddress {
            return .failure(.forbiddenAddress("\(host): \(refusedAddress) is not public"))
        }
        if let flaw { return .failure(.malformed("\(host): \(flaw)")) }
        guard code == CURLE_OK else { return .failure(failure(code)) }
        guard let head else { return .failure(.malformed("\(host): an answer without a head")) }
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
        var secrets = order.target.secretParts
        secrets += order.request.headers.map(\.value)
        return failure.error(host: order.target.host, secrets: secrets, otherwise: general)
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
