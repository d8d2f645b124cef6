// What GET /jobs and GET /jobs/{id}/status respond with.

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
        case jobs, total
        case nextCursor = "next_cursor"
    }
}

/// The few members of a job that a script polls for.
package struct JobStatusResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var jobID: Int64
    /// `pending`, `running`, `completed`, `failed` or `cancelled`.
    package var status: String
    package var createdBy: String
    /// ISO 8601 with microseconds, in UTC.
    package var createdAt: String
    package var errorMessage: String?
    /// Why the job waits; `null` where it has ended, or nothing holds it up. Services older than
    /// the client do not know it.
    package var waiting: WaitReasonResponse?

    package init(
        jobID: Int64, status: String, createdBy: String, createdAt: String, errorMessage: String?,
        waiting: WaitReasonResponse? = nil
    ) {
        self.jobID = jobID
        self.status = status
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.errorMessage = errorMessage
        self.waiting = waiting
    }

    package var json: JSONValue {
        [
            "job_id": .integer(jobID),
            "status": .string(status),
            "created_by": .string(createdBy),
            "created_at": .string(createdAt),
            "error_message": .text(errorMessage),
            "waiting": waiting?.json ?? .null,
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case status, waiting
        case jobID = "job_id"
        case createdBy = "created_by"
        case createdAt = "created_at"
        case errorMessage = "error_message"
    }
}
