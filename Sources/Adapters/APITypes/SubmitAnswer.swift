// What `POST /download` answers when the job is on disk.

/// A job that was accepted.
package struct SubmitAnswer: Hashable, Sendable, Decodable, JSONWritable {
    package var jobID: Int64
    /// A sentence for people: what was accepted, and what was understood differently.
    package var message: String
    /// Always `pending`.
    package var status: String
    /// What was understood differently from what was written, one sentence each.
    package var notes: [String]

    package init(jobID: Int64, message: String, status: String, notes: [String]) {
        self.jobID = jobID
        self.message = message
        self.status = status
        self.notes = notes
    }

    package var json: JSONValue {
        [
            "job_id": .integer(jobID),
            "message": .string(message),
            "status": .string(status),
            "notes": .texts(notes),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case message
        case status
        case notes
    }
}
