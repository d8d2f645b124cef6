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
        /// The path is right but for a slash at its end: the right one.
        case redirect(to: String)
        case notFound
    }

    /// An endpoint, and what each request needs to know of its declaration: making the whole
    /// declaration takes longer than most answers.
    struct Entry: Sendable {
        let endpoint: any Endpoint
        let method: Method
        let isOpen: Bool
    }

    private struct Route: Sendable {
        let path: PathTemplate
        var entries: [Entry]
        /// For the `Allow` field (RFC 9110 §10.2.1): HEAD wherever GET, and OPTIONS always.
        var allow = ""

        var methods: [String] {
            let own = entries.map(\.method.rawValue)
            return own + (own.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]
        }
    }

    private let routes: [Route]
    /// The methods that some route takes: the answer to `OPTIONS *` (RFC 9110 §9.3.7).
    private let allowAnywhere: String

    init(_ endpoints: [any Endpoint]) {
        var routes: [Route] = []
        for endpoint in endpoints {
            let operation = endpoint.operation
            let entry = Entry(
                endpoint: endpoint, method: operation.method, isOpen: operation.isOpen)
            if let place = routes.firstIndex(where: { $0.path == operation.path }) {
                routes[place].entries.append(entry)
            } else {
                routes.append(Route(path: operation.path, entries: [entry]))
            }
        }
        for place in routes.indices {
            routes[place].allow = routes[place].methods.sorted().joined(separator: ", ")
        }
        self.routes = routes
        allowAnywhere = Set(routes.flatMap(\.methods)).sorted().joined(separator: ", ")
    }

    /// - Parameter path: as sent, percent-encoded.
    func decide(_ method: Method, _ path: String) -> Decision {
        if path == "*", method == .options { return .methods(allow: allowAnywhere) }
        guard let (place, arguments) = find(path) else {
            let other = path.hasSuffix("/") ? String(path.dropLast()) : path + "/"
            return find(other) == nil ? .notFound : .redirect(to: other)
        }
        let wanted = method == .head ? .get : method
        if let entry = routes[place].entries.first(where: { $0.method == wanted }) {
            return .endpoint(entry, arguments: arguments)
        }
        let allow = routes[place].allow
        return method == .options ? .methods(allow: allow) : .methodNotAllowed(allow: allow)
    }

    private func find(_ path: String) -> (place: Int, arguments: PathArguments)? {
        // No route has an empty segment: `//` is not `/`.
        guard let segments = Request.segments(of: path), !segments.contains("") else {
            return nil
        }
        for place in routes.indices {
            if let arguments = routes[place].path.arguments(of: segments) {
                return (place, arguments)
            }
        }
        return nil
    }
}
