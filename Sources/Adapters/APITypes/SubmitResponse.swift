// What `POST /download` answers when the job is on disk.

package import JSON

/// A job that was accepted.
package struct SubmitResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var jobID: Int64
    /// A sentence for people: what was accepted, and what was understood differently.
    package var message: String
    /// `pending`; of a duplicate, the state that its job is in.
    package var status: String
    /// What was understood differently from what was written, one sentence each.
    package var notes: [String]
    /// The job's number again where no new one was made: it is active and was asked for the same.
    package var duplicateOf: Int64?

    package init(
        jobID: Int64, message: String, status: String, notes: [String], duplicateOf: Int64? = nil
    ) {
        self.jobID = jobID
        self.message = message
        self.status = status
        self.notes = notes
        self.duplicateOf = duplicateOf
    }

    package var json: JSONValue {
        var answer: JSONValue = [
            "job_id": .integer(jobID),
            "message": .string(message),
            "status": .string(status),
            "notes": .texts(notes),
        ]
        answer["duplicate_of"] = duplicateOf.map { .integer($0) }
        return answer
    }

    private enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case message
        case status
        case notes
        case duplicateOf = "duplicate_of"
    }
}
