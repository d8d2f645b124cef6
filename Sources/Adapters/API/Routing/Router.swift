// Finds the endpoint for a request. Pure: it must not know what endpoints do, nor who asks.

import HTTP

/// The table of endpoints.
struct Router: Sendable {
    /// What is to be done with a request.
    enum Decision {
        case endpoint(Entry, arguments: PathArguments)
        /// OPTIONS: the methods that the path takes.
        case methods(allow: String)
        case methodNotAllowed(allow: String)
        /// The path is right but for a slash at its end: the right one, as a reference that is
        /// relative to it. What a proxy in front has cut off the path is not lost so (RFC 9110
        /// §10.2.2, RFC 3986 §5.2).
        case redirect(to: String)
        case notFound
    }

    /// An endpoint, and what each request needs to know of its declaration: making the whole
    /// declaration takes longer than most answers.
    final class Entry: Sendable {
        let endpoint: any Endpoint
        let method: Method
        let isOpen: Bool
        /// What a GET of the same path asks; `nil` where the path has none.
        let shown: (any Endpoint)?

        init(_ endpoint: any Endpoint, _ operation: Operation, shown: (any Endpoint)?) {
            self.endpoint = endpoint
            method = operation.method
            isOpen = operation.isOpen
            self.shown = shown
        }
    }

    private final class Route: Sendable {
        let path: PathTemplate
        let entries: [Entry]
        let methods: [String]
        /// For the `Allow` field (RFC 9110 §10.2.1): HEAD wherever GET, and OPTIONS always.
        let allow: String

        init(_ path: PathTemplate, _ entries: [Entry]) {
            self.path = path
            self.entries = entries
            let own = entries.map(\.method.rawValue)
            methods = own + (own.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]
            allow = methods.sorted().joined(separator: ", ")
        }
    }

    private let routes: [Route]
    /// The methods that some route takes: the answer to `OPTIONS *` (RFC 9110 §9.3.7).
    private let allowAnywhere: String

    init(_ endpoints: [any Endpoint]) {
        var paths: [PathTemplate] = []
        var found: [PathTemplate: [(endpoint: any Endpoint, operation: Operation)]] = [:]
        for endpoint in endpoints {
            let operation = endpoint.operation
            if found[operation.path] == nil { paths.append(operation.path) }
            found[operation.path, default: []].append((endpoint, operation))
        }
        routes = paths.map { path in
            let own = found[path] ?? []
            let shown = own.first { $0.operation.method == .get }?.endpoint
            return Route(path, own.map { Entry($0.endpoint, $0.operation, shown: shown) })
        }
        allowAnywhere = Set(routes.flatMap(\.methods)).sorted().joined(separator: ", ")
    }

    /// What is to be done with a request, as far as its method and path tell.
    func decide(_ request: Request) -> Decision {
        let method = request.method
        var found: (route: Route, arguments: PathArguments)?
        request.withPath { found = find($0) }
        if let found { return decide(method, found.route, found.arguments) }
        let path = request.path
        if path == "*", method == .options { return .methods(allow: allowAnywhere) }
        let isOpenEnded = path.hasSuffix("/")
        var other = isOpenEnded ? String(path.dropLast()) : path + "/"
        guard other.withUTF8(find) != nil else { return .notFound }
        let name = path.split(separator: "/").last ?? ""
        return .redirect(to: isOpenEnded ? "../\(name)" : "./\(name)/")
    }

    private func decide(
        _ method: Method, _ route: Route, _ arguments: PathArguments
    ) -> Decision {
        let wanted = method == .head ? .get : method
        for entry in route.entries where entry.method == wanted {
            return .endpoint(entry, arguments: arguments)
        }
        return method == .options
            ? .methods(allow: route.allow) : .methodNotAllowed(allow: route.allow)
    }

    /// - Parameter path: as sent, percent-encoded.
    private func find(
        _ path: UnsafeBufferPointer<UInt8>
    ) -> (route: Route, arguments: PathArguments)? {
        guard path.first == UInt8(ascii: "/") else { return nil }
        var slashes = 0
        for byte in path {
            if byte == UInt8(ascii: "%") { return findDecoded(path) }
            if byte == UInt8(ascii: "/") { slashes += 1 }
        }
        let segments = path.count == 1 ? 0 : slashes
        for route in routes where route.path.segmentCount == segments {
            if let arguments = route.path.arguments(of: path) { return (route, arguments) }
        }
        return nil
    }

    private func findDecoded(
        _ path: UnsafeBufferPointer<UInt8>
    ) -> (route: Route, arguments: PathArguments)? {
        guard let segments = Request.segments(of: String(decoding: path, as: UTF8.self)) else {
            return nil
        }
        // A percent sign that was encoded stands for itself now: it must not be decoded again.
        var decoded = "/" + segments.joined(separator: "/")
        return decoded.withUTF8 { path in
            for route in routes where route.path.segmentCount == segments.count {
                if let arguments = route.path.arguments(of: path) { return (route, arguments) }
            }
            return nil
        }
    }
}
