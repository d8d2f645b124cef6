// Replies whose content is JSON.

import APITypes
import HTTP
import JSON

extension Response {
    /// A reply with a shape as its content.
    static func json(
        _ status: Status, _ shape: some JSONWritable, _ headers: Headers = Headers()
    ) -> Response {
        json(status, JSONCoding.encode(shape), headers)
    }

    /// A reply with JSON that was written before.
    static func json(
        _ status: Status, _ content: [UInt8], _ headers: Headers = Headers()
    ) -> Response {
        if headers.isEmpty {
            return Response(status: status, headers: .json, body: .bytes(content))
        }
        var headers = headers
        headers.set("Content-Type", "application/json")
        return Response(status: status, headers: headers, body: .bytes(content))
    }
}

extension Headers {
    /// The fields of most replies.
    fileprivate static let json = Headers(["Content-Type": "application/json"])
}
