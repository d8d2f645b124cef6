// Where a page of a list begins: cursors of jobs, the Link field (RFC 8288), and pages of events.

import Bytes
import HTTP
import Jobs

/// A position in the list of jobs: behind a job. Clients send it back without reading it.
struct JobCursor: Hashable {
    /// The form of all cursors. Their fixed length reveals one that was cut. A cursor stays valid
    /// after its job was removed.
    static let pattern = "^j[0-9a-z]{\(digits)}$"

    /// The job that the page begins behind.
    let job: JobID

    /// Digits of the largest id.
    private static let digits = String(Int64.max, radix: radix).utf8.count
    private static let radix = 36

    init(behind job: JobID) {
        self.job = job
    }

    /// `nil` for a text that ``pattern`` does not match.
    init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "j"), digits.count == JobCursor.digits,
            digits.allSatisfy(JobCursor.isDigit)
        else { return nil }
        // The largest texts exceed the range of ids, and stand for the largest.
        job = JobID(Int64(text.dropFirst(), radix: JobCursor.radix) ?? .max)
    }

    /// `j` and the id.
    var text: String {
        let number = String(job.rawValue, radix: JobCursor.radix)
        return "j" + String(repeating: "0", count: max(JobCursor.digits - number.utf8.count, 0))
            + number
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}

/// Writes Link fields.
enum PageLink {
    /// The field's value for another page of the same request: a reference relative to the request,
    /// so that a path prefix of a proxy is kept.
    ///
    /// - Parameters:
    ///   - request: its other parameters are kept, in their order.
    ///   - cursor: where the page begins; letters and digits.
    static func next(of request: Request, cursor: String) -> String {
        var parts = request.queryItems.items.compactMap { name, value in
            // Encoded, so that nothing in it can end the link.
            ["cursor", "offset"].contains(name)
                ? nil : "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(value))"
        }
        parts.append("cursor=\(cursor)")
        return "<?\(parts.joined(separator: "&"))>; rel=\"next\""
    }
}

/// The page of events that a query asks for.
struct EventPaging {
    static let parameters: [Operation.Parameter] = [
        .limit("Events on the page at most.", max: limitMax, default: limitDefault),
        .offset("Events to skip."),
    ]

    private static let limitMax = 1_000
    private static let limitDefault = 100

    let limit: Int
    let offset: Int

    /// - Throws: ``APIError/invalid(_:)``.
    init(_ request: Request) throws(APIError) {
        var query = QueryReader(request)
        limit = query.integer("limit", 1...EventPaging.limitMax, default: EventPaging.limitDefault)
        offset = query.integer("offset", 0...Int.max, default: 0)
        try query.finish()
    }
}
