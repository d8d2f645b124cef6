// GET /docs: the API described for people, in one page that needs nothing from elsewhere.

import APITypes
import Crypto
import HTTP

/// Shows the documentation.
struct DocsPage: Endpoint {
    static let operation = Operation(
        method: .get, path: PathTemplate("/docs"), identifier: "docs", summary: "Documentation",
        details: "This description, for people.", isOpen: true,
        ownAnswers: [
            .init(
                status: .ok, details: "The page.", content: .html,
                headers: [
                    .init(
                        name: "Content-Security-Policy",
                        details: "Lets nothing in but the page's own style.")
                ])
        ])

    private let content: [UInt8]
    private let policy: String

    /// - Parameter document: the OpenAPI document that the page is written from.
    init(_ document: JSONValue) {
        content = Array(DocsWriter(document).page.utf8)
        let digest = Base64.encode(
            Array(SHA256.hash(data: Array(String(describing: DocsStyle.text).utf8))))
        policy =
            "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'"
    }

    var operation: Operation { DocsPage.operation }

    func answer(_ call: Call) async throws -> Response {
        let headers = Headers([
            "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy,
        ])
        return Response(status: .ok, headers: headers, body: .bytes(content))
    }
}
