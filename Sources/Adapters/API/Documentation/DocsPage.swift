// GET /docs, the API described for people in one page without outside resources, and GET
// /openapi.json, the same for machines.

import APITypes
import Crypto
import FoundationEssentials
import HTTP
import JSON

/// Shows the documentation.
struct DocsPage: Endpoint {
    static let operation = Operation(
        method: .get, path: PathTemplate("/docs"), identifier: "docs", summary: "Documentation",
        details: "This description, for people.", isOpen: true,
        responses: [
            .init(
                status: .ok, details: "The page.", content: .html,
                headers: [
                    .init(
                        name: "Content-Security-Policy",
                        details: "Lets nothing in but the page's own style.")
                ])
        ])

    private static let hostName = FieldName("Host")
    /// The fields in which a proxy forwards the address of the original request (README, TLS).
    private static let schemeName = FieldName("X-Forwarded-Proto")
    private static let prefixName = FieldName("X-Forwarded-Prefix")
    private static let prefixBytesMax = 200

    /// The page, split where the service's address is inserted.
    private let parts: [String]
    private let policy: String

    /// - Parameters:
    ///   - document: the OpenAPI document that the page is written from.
    ///   - wantsToken: whether the service requires a token.
    init(_ document: JSONValue, wantsToken: Bool) {
        let page = DocsWriter(document, wantsToken: wantsToken).page
        parts = page.split(separator: DocsWriter.address, omittingEmptySubsequences: false)
            .map(String.init)
        let digest = SHA256.hash(data: Array(String(describing: DocsStyle.text).utf8))
        let hash = Data(digest).base64EncodedString()
        policy =
            "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'"
    }

    var operation: Operation { DocsPage.operation }

    func respond(to context: RequestContext) async throws -> Response {
        let headers = Headers([
            "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy,
        ])
        let page = parts.joined(separator: DocsPage.address(in: context.request))
        return Response(status: .ok, headers: headers, body: .bytes(Array(page.utf8)))
    }

    /// The address that the request was sent to, where it is safe in a command line.
    private static func address(in request: Request) -> String {
        let host = request.value(of: hostName) ?? ""
        guard isPlain(host, further: ".:-[]"), !host.isEmpty else { return DocsWriter.address }
        let scheme = request.value(of: schemeName) == "https" ? "https" : "http"
        var prefix = request.value(of: prefixName) ?? ""
        while prefix.hasSuffix("/") { prefix.removeLast() }
        let isPath =
            prefix.hasPrefix("/") && prefix.utf8.count <= prefixBytesMax
            && isPlain(prefix, further: "/.-_~")
        return "\(scheme)://\(host)\(isPath ? prefix : "")"
    }

    /// Whether a text has only letters, digits and these, and so no meaning for a shell or a page.
    private static func isPlain(_ text: String, further: String) -> Bool {
        text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                || further.utf8.contains(byte)
        }
    }
}

/// Shows the OpenAPI document.
struct OpenAPIDocument: Endpoint {
    static let operation = Operation(
        method: .get, path: PathTemplate("/openapi.json"), identifier: "openapi",
        summary: "OpenAPI document", details: "This description, for machines.", isOpen: true,
        responses: [.init(status: .ok, details: "The document.", content: .openAPI)])

    private let content: [UInt8]

    init(_ document: JSONValue) {
        content = JSONCoding.encode(document)
    }

    var operation: Operation { OpenAPIDocument.operation }

    func respond(to context: RequestContext) async throws -> Response {
        .json(.ok, content)
    }
}
