// Where a page of a list begins: cursors of jobs, the Link field (RFC 8288), and pages of events.

import Bytes
import HTTP
import Jobs

/// A place in the list of jobs: behind a job.
struct JobCursor: Hashable {
    /// All words that are cursors. Their one length tells a word that was cut; which jobs there are
    /// does not matter, so a cursor stays valid after its job was removed.
    static let pattern = "^j[0-9a-z]{\(digits)}$"

    /// The job that the page begins behind.
    let job: JobID

    /// Enough for any id.
    private static let digits = String(Int64.max, radix: radix).utf8.count
    private static let radix = 36

    init(behind job: JobID) {
        self.job = job
    }

    /// `nil` for a word that ``pattern`` does not allow.
    init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "j"), digits.count == JobCursor.digits,
            digits.allSatisfy(JobCursor.isDigit)
        else { return nil }
        // The last few words are beyond any id, as the largest id is.
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
    /// The field's value for a page of the same request that begins elsewhere: a reference relative
    /// to the request, so that it holds behind a proxy that has cut off the beginning of the path.
    ///
    /// - Parameters:
    ///   - request: whose other parameters are kept, in their order.
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
