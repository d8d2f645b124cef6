// Which jobs a client wants listed. It must not know how many there are.

import Curl

/// The parameters of `GET /jobs`; what is `nil` is left to the server.
package struct JobListQuery: Hashable, Sendable {
    /// Jobs on the page; the server takes 1…500.
    package var limit: Int?
    /// Jobs passed over before the page.
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
