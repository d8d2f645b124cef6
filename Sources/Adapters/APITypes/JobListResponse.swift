// What `GET /jobs` answers.

package import JSON

/// One page of jobs, newest first.
package struct JobListResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var jobs: [JobResponse]
    /// How many jobs match, on all pages together.
    package var total: Int
    /// Where the next page begins; `null` on the last one. Services older than the client do not
    /// know it.
    package var nextCursor: String?

    package init(jobs: [JobResponse], total: Int, nextCursor: String? = nil) {
        self.jobs = jobs
        self.total = total
        self.nextCursor = nextCursor
    }

    package var json: JSONValue {
        [
            "jobs": .array(jobs.map(\.json)), "total": .integer(total),
            "next_cursor": .text(nextCursor),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case jobs
        case total
        case nextCursor = "next_cursor"
    }
}
