// What `GET /jobs/{id}/status` answers.

/// The few members of a job that a script polls for.
package struct JobStatusAnswer: Hashable, Sendable, Decodable, JSONWritable {
    package var jobID: Int64
    /// `pending`, `running`, `completed`, `failed` or `cancelled`.
    package var status: String
    package var createdBy: String
    /// ISO 8601 with microseconds, in UTC.
    package var createdAt: String
    package var errorMessage: String?

    package init(
        jobID: Int64, status: String, createdBy: String, createdAt: String, errorMessage: String?
    ) {
        self.jobID = jobID
        self.status = status
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.errorMessage = errorMessage
    }

    package var json: JSONValue {
        [
            "job_id": .integer(jobID),
            "status": .string(status),
            "created_by": .string(createdBy),
            "created_at": .string(createdAt),
            "error_message": .text(errorMessage),
        ]
    }

    package func write(to writer: inout JSONWriter) {
        writer.writeObject { writer in
            writer.writeMember("job_id", jobID)
            writer.writeMember("status", status)
            writer.writeMember("created_by", createdBy)
            writer.writeMember("created_at", createdAt)
            writer.writeMember("error_message", errorMessage)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case status
        case createdBy = "created_by"
        case createdAt = "created_at"
        case errorMessage = "error_message"
    }
}
