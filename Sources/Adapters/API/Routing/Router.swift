// Finds the endpoint for a request by its method and path.

import HTTP

/// The table of endpoints.
struct Router: Sendable {
    /// What a request is routed to.
    enum Decision {
        case endpoint(Target, arguments: PathArguments)
        /// OPTIONS: the methods that the path takes.
        case methods(allow: String)
        case methodNotAllowed(allow: String)
        /// The path has a slash too many or too few at its end: the right one, as a relative
        /// reference, so that a path prefix of a proxy is kept (RFC 9110 §10.2.2, RFC 3986 §5.2).
        case redirect(to: String)
        case notFound
    }

    /// An endpoint, and the parts of its declaration that each request needs: making the whole
    /// declaration takes longer than most responses.
    final class Target: Sendable {
        let endpoint: any Endpoint
        let method: Method
        let isOpen: Bool
        /// The endpoint for GET of the same path; `nil` where the path has none.
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
        let targets: [Target]
        let methods: [String]
        /// For the `Allow` field (RFC 9110 §10.2.1): HEAD wherever GET, and OPTIONS always.
        let allow: String

        init(_ path: PathTemplate, _ targets: [Target]) {
            self.path = path
            self.targets = targets
            let own = targets.map(\.method.rawValue)
            methods = own + (own.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]
            allow = methods.sorted().joined(separator: ", ")
        }
    }

    private let routes: [Route]
    /// The methods of all routes, for `OPTIONS *` (RFC 9110 §9.3.7).
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
            return Route(path, own.map { Target($0.endpoint, $0.operation, shown: shown) })
        }
        allowAnywhere = Set(routes.flatMap(\.methods)).sorted().joined(separator: ", ")
    }

    /// The decision by a request's method and path.
    func decide(_ request: Request) -> Decision {
        let method = request.method
        var found: (route: Route, arguments: PathArguments)?
        request.withPath { found = find($0) }
        if let found { return decide(method, found.route, found.arguments) }
        let path = request.path
        if path == "*", method == .options { return .methods(allow: allowAnywhere) }
        let endsInSlash = path.hasSuffix("/")
        var other = endsInSlash ? String(path.dropLast()) : path + "/"
        guard other.withUTF8(find) != nil else { return .notFound }
        let name = path.split(separator: "/").last ?? ""
        return .redirect(to: endsInSlash ? "../\(name)" : "./\(name)/")
    }

    private func decide(
        _ method: Method, _ route: Route, _ arguments: PathArguments
    ) -> Decision {
        let wanted = method == .head ? .get : method
        for target in route.targets where target.method == wanted {
            return .endpoint(target, arguments: arguments)
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
        return match(path, segments: path.count == 1 ? 0 : slashes)
    }

    private func findDecoded(
        _ path: UnsafeBufferPointer<UInt8>
    ) -> (route: Route, arguments: PathArguments)? {
        guard let segments = Request.segments(of: String(decoding: path, as: UTF8.self)) else {
            return nil
        }
        // An encoded percent sign is now a plain one, and is not decoded a second time.
        var decoded = "/" + segments.joined(separator: "/")
        return decoded.withUTF8 { match($0, segments: segments.count) }
    }

    private func match(
        _ path: UnsafeBufferPointer<UInt8>, segments: Int
    ) -> (route: Route, arguments: PathArguments)? {
        for route in routes where route.path.segmentCount == segments {
            if let arguments = route.path.arguments(of: path) { return (route, arguments) }
        }
        return nil
    }
}

/// A path with named gaps.
struct PathTemplate: Hashable, Sendable, CustomStringConvertible {
    /// As OpenAPI writes it.
    let description: String
    private let segments: [Segment]
    private let hasGaps: Bool

    private enum Segment: Hashable {
        case fixed([UInt8])
        case gap(String)

        func fits(_ path: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
            guard case .fixed(let name) = self else { return !range.isEmpty }
            guard range.count == name.count else { return false }
            for index in name.indices where path[range.lowerBound + index] != name[index] {
                return false
            }
            return true
        }
    }

    /// - Parameter text: the path, with gaps in braces.
    init(_ text: String) {
        description = text
        segments = text.split(separator: "/").map { part in
            part.first == "{" ? .gap(String(part.dropFirst().dropLast())) : .fixed(Array(part.utf8))
        }
        hasGaps = text.utf8.contains(UInt8(ascii: "{"))
    }

    /// The names of the gaps, from left to right.
    var gaps: [String] {
        segments.compactMap { if case .gap(let name) = $0 { name } else { nil } }
    }

    /// How many segments a path of this form has; `/` has none.
    var segmentCount: Int { segments.count }

    /// The values of the gaps; `nil` where the path has another form.
    ///
    /// - Parameter path: decoded; begins with a slash, and no segment has another.
    func arguments(of path: UnsafeBufferPointer<UInt8>) -> PathArguments? {
        // Several routes differ in their last segment only, so values are copied only after the
        // whole path matched.
        var arguments = PathArguments()
        guard forEachSegment(of: path, { $0.fits(path, $1) }) else { return nil }
        guard hasGaps else { return arguments }
        _ = forEachSegment(of: path) { segment, range in
            if case .gap(let name) = segment {
                let value = UnsafeBufferPointer(rebasing: path[range])
                arguments.add(name, String(decoding: value, as: UTF8.self))
            }
            return true
        }
        return arguments
    }

    /// Calls the closure for each segment and its range in a path until it returns `false`.
    ///
    /// - Returns: whether it never did, and the path has as many segments.
    private func forEachSegment(
        of path: UnsafeBufferPointer<UInt8>, _ body: (Segment, Range<Int>) -> Bool
    ) -> Bool {
        var start = 1
        for segment in segments {
            guard start < path.count else { return false }
            var end = start
            while end < path.count, path[end] != PathTemplate.slash { end += 1 }
            guard body(segment, start..<end) else { return false }
            start = end + 1
        }
        // One past the end, where the slash before a further segment would be.
        return start == path.count + (segments.isEmpty ? 0 : 1)
    }

    private static let slash = UInt8(ascii: "/")
}

/// The values of a path's gaps by name, decoded.
struct PathArguments: Sendable {
    /// A list: no path has more than one or two gaps.
    private var values: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String) {
        values.append((name, value))
    }

    subscript(name: String) -> String? {
        values.first { $0.name == name }?.value
    }
}
