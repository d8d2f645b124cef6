// What POST /download asks for, as a client writes it, and what it responds with. The server reads
// the members one by one, so that it can report every problem.

package import JSON

/// A request for datasets.
package struct SubmitRequest: Hashable, Sendable, Decodable, JSONWritable {
    package var exchange: String
    package var symbols: [String]
    /// `YYYY-MM-DD`.
    package var startDate: String
    /// `YYYY-MM-DD`, inclusive.
    package var endDate: String
    /// `nil` for the server's default, `["trades"]`.
    package var dataTypes: [String]?
    /// `nil` for the server's data root.
    package var outputPath: String?
    /// 0 … 9; `nil` for the server's default, 5.
    package var priority: Int?
    /// Whether a new job is wanted even where an equal one is active.
    package var force: Bool?
    /// Whether the job is to be kept however old it gets.
    package var pinned: Bool?

    package init(
        exchange: String, symbols: [String], startDate: String, endDate: String,
        dataTypes: [String]? = nil, outputPath: String? = nil, priority: Int? = nil,
        force: Bool? = nil, pinned: Bool? = nil
    ) {
        self.exchange = exchange
        self.symbols = symbols
        self.startDate = startDate
        self.endDate = endDate
        self.dataTypes = dataTypes
        self.outputPath = outputPath
        self.priority = priority
        self.force = force
        self.pinned = pinned
    }

    /// Without the members that are left to the server.
    package var json: JSONValue {
        var body: JSONValue = [
            "exchange": .string(exchange),
            "symbols": .texts(symbols),
            "start_date": .string(startDate),
            "end_date": .string(endDate),
        ]
        body["data_types"] = dataTypes.map(JSONValue.texts)
        body["output_path"] = outputPath.map(JSONValue.string)
        body["priority"] = priority.map { .integer($0) }
        body["force"] = force.map(JSONValue.bool)
        body["pinned"] = pinned.map(JSONValue.bool)
        return body
    }

    private enum CodingKeys: String, CodingKey {
        case exchange, symbols, priority, force, pinned
        case startDate = "start_date"
        case endDate = "end_date"
        case dataTypes = "data_types"
        case outputPath = "output_path"
    }
}

/// A job that was accepted.
package struct SubmitResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var jobID: Int64
    /// A sentence for people: what was accepted, and what differs from the request as written.
    package var message: String
    /// `pending`; of a duplicate, the state that its job is in.
    package var status: String
    /// What differs from the request as written, one sentence each.
    package var notes: [String]
    /// The job's number again where no new job was made, because this active one is equal.
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
        var json: JSONValue = [
            "job_id": .integer(jobID),
            "message": .string(message),
            "status": .string(status),
            "notes": .texts(notes),
        ]
        json["duplicate_of"] = duplicateOf.map { .integer($0) }
        return json
    }

    private enum CodingKeys: String, CodingKey {
        case message, status, notes
        case jobID = "job_id"
        case duplicateOf = "duplicate_of"
    }
}
