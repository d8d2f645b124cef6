// A URL as curl itself reads it, so that a check and the transfer can never disagree about the
// host.

import CCurl

/// The parts of a URL that decide where a request goes.
struct TransferTarget: Hashable, Sendable {
    /// Lower case.
    let scheme: String
    /// Without user, password and port.
    let host: String
    /// The scheme's own where the URL names none.
    let port: Int
    /// Path and query: what must not be repeated in an error text.
    let secretParts: [String]

    /// `nil` when the text is no absolute URL with a host.
    init?(_ text: String) {
        guard !text.utf8.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
        guard curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK,
            let scheme = TransferTarget.part(CURLUPART_SCHEME, of: handle),
            let host = TransferTarget.part(CURLUPART_HOST, of: handle), !host.isEmpty
        else { return nil }
        self.scheme = scheme.lowercased()
        self.host = host
        let port = TransferTarget.part(
            CURLUPART_PORT, of: handle, flags: UInt32(CURLU_DEFAULT_PORT))
        self.port = port.flatMap { Int($0) } ?? 0
        secretParts = [CURLUPART_PATH, CURLUPART_QUERY, CURLUPART_USER, CURLUPART_PASSWORD]
            .compactMap { TransferTarget.part($0, of: handle) }
    }

    /// Where a `Location` leads from this URL, as CURLINFO_REDIRECT_URL would say after the
    /// transfer: absolute; `nil` when it makes no sense.
    static func resolve(_ location: String, from base: String) -> String? {
        guard !location.utf8.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
        guard curl_url_set(handle, CURLUPART_URL, base, flags) == CURLUE_OK else { return nil }
        // Servers do send spaces and raw UTF-8 in a Location; curl encodes them on its way.
        let lenient = flags | UInt32(CURLU_URLENCODE) | UInt32(CURLU_ALLOW_SPACE)
        guard curl_url_set(handle, CURLUPART_URL, location, lenient) == CURLUE_OK else {
            return nil
        }
        return part(CURLUPART_URL, of: handle)
    }

    private static func part(
        _ part: CURLUPart, of handle: OpaquePointer, flags: UInt32 = 0
    ) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
