// What `POST /download` asks for, as a client writes it. The server reads the same members one by
// one, so that it can report every problem.

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
        case exchange
        case symbols
        case startDate = "start_date"
        case endDate = "end_date"
        case dataTypes = "data_types"
        case outputPath = "output_path"
        case priority
        case force
        case pinned
    }
}
