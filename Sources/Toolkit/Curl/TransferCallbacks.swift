// The functions that curl calls. They only translate: no Swift error can leave them, and what they
// return is all that curl needs to go on, pause or abort.

import CCurl

/// curl's callbacks; the context of each is the ``Transfer``.
enum TransferCallbacks {
    /// CURLOPT_WRITEFUNCTION.
    static let body: ccurl_data_callback = { bytes, size, count, context in
        guard let bytes, let context else { return abort }
        let length = size * count
        let piece = UnsafeRawBufferPointer(start: bytes, count: length)
        // A body that is empty may still be announced by a call without bytes.
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

    /// CURLOPT_PREREQFUNCTION: the connection stands, the request has not been sent.
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
