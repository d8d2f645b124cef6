// GET /docs, the API described for people in one page without outside resources, and GET
// /openapi.json, the same for machines.

import APITypes
import Crypto
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
    /// What a proxy in front says of the address that it was asked by (README, TLS).
    private static let schemeName = FieldName("X-Forwarded-Proto")
    private static let prefixName = FieldName("X-Forwarded-Prefix")
    private static let prefixBytesMax = 200

    /// The page without the service's address, which belongs between every two of these.
    private let parts: [String]
    private let policy: String

    /// - Parameters:
    ///   - document: the OpenAPI document that the page is written from.
    ///   - wantsToken: whether the service demands a token.
    init(_ document: JSONValue, wantsToken: Bool) {
        let page = DocsWriter(document, wantsToken: wantsToken).page
        parts = page.split(separator: DocsWriter.address, omittingEmptySubsequences: false)
            .map(String.init)
        let digest = Base64.encode(
            Array(SHA256.hash(data: Array(String(describing: DocsStyle.text).utf8))))
        policy =
            "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; "
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

    /// The address that the request was sent to, where it can stand in a command line as it is.
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

    /// Whether a text has nothing but letters, digits and these, so that no shell or page takes it
    /// for more.
    private static func isPlain(_ text: String, further: String) -> Bool {
        text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                || further.utf8.contains(byte)
        }
    }
}

/// Gives away the OpenAPI document.
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

/// Writes Base64.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let isPadding = place > group.count
                let index = Int(bits >> (18 - 6 * place)) & 63
                text.append(isPadding ? UInt8(ascii: "=") : alphabet[index])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
