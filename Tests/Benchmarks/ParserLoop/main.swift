// Parses the same request as often as its argument says, for bench-http, which counts from outside
// what one costs.

@testable import HTTP

/// What curl sends.
let request = """
    GET / HTTP/1.1\r
    Host: 127.0.0.1:8000\r
    User-Agent: curl/7.88.1\r
    Accept: */*\r
    \r

    """

func parse(_ count: Int) {
    let bytes = Array(request.utf8)
    var parser = RequestParser(ConnectionRules())
    for _ in 0..<count {
        bytes.withUnsafeBytes { parser.append($0) }
        guard case .request = parser.next() else { preconditionFailure("the request is in order") }
        guard case .incomplete = parser.next() else { preconditionFailure("there was only one") }
    }
}

parse(Int(CommandLine.arguments.last ?? "") ?? 1)
