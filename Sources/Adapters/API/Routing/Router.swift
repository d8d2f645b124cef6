// Finds the endpoint for a request. Pure: it must not know what endpoints do, nor who asks.

import HTTP

/// The table of endpoints.
struct Router: Sendable {
    /// What is to be done with a request.
    enum Decision {
        case endpoint(any Endpoint, arguments: [String: String])
        /// OPTIONS: the methods that the path takes.
        case methods(allow: String)
        case methodNotAllowed(allow: String)
        /// The path is right but for a slash at its end: the right one.
        case redirect(to: String)
        case notFound
    }

    private struct Route: Sendable {
        let path: PathTemplate
        var endpoints: [Method: any Endpoint]

        /// What it takes: HEAD wherever GET, and OPTIONS always.
        var methods: [String] {
            endpoints.keys.map(\.rawValue) + (endpoints[.get] == nil ? [] : ["HEAD"]) + ["OPTIONS"]
        }

        /// For the `Allow` field (RFC 9110 §10.2.1).
        var allow: String { methods.sorted().joined(separator: ", ") }
    }

    private let routes: [Route]
    /// The methods that some route takes: the answer to `OPTIONS *` (RFC 9110 §9.3.7).
    private let allowAnywhere: String

    init(_ endpoints: [any Endpoint]) {
        var routes: [Route] = []
        for endpoint in endpoints {
            let operation = endpoint.operation
            if let place = routes.firstIndex(where: { $0.path == operation.path }) {
                routes[place].endpoints[operation.method] = endpoint
            } else {
                routes.append(
                    Route(path: operation.path, endpoints: [operation.method: endpoint]))
            }
        }
        self.routes = routes
        allowAnywhere = Set(routes.flatMap(\.methods)).sorted().joined(separator: ", ")
    }

    /// - Parameter path: as sent, percent-encoded.
    func decide(_ method: Method, _ path: String) -> Decision {
        if path == "*", method == .options { return .methods(allow: allowAnywhere) }
        guard let (route, arguments) = find(path) else {
            let other = path.hasSuffix("/") ? String(path.dropLast()) : path + "/"
            return find(other) == nil ? .notFound : .redirect(to: other)
        }
        if let endpoint = route.endpoints[method == .head ? .get : method] {
            return .endpoint(endpoint, arguments: arguments)
        }
        return method == .options
            ? .methods(allow: route.allow) : .methodNotAllowed(allow: route.allow)
    }

    private func find(_ path: String) -> (Route, arguments: [String: String])? {
        // No route has an empty segment: `//` is not `/`.
        guard let segments = Request.segments(of: path), !segments.contains("") else {
            return nil
        }
        for route in routes {
            if let arguments = route.path.arguments(of: segments) { return (route, arguments) }
        }
        return nil
    }
}
