// The schemas of the service's limits.

import APITypes
import JSON
import Jobs

/// The schemas of what is shown of limits, and of what changes them.
enum LimitSchemas {
    static let limits = Schemas.object(
        ServiceLimit.allCases.map { ($0.rawValue, Schemas.reference("Limit")) })

    static let limit = Schemas.object([
        ("value", Schemas.integer("What counts at the moment.")),
        ("default", Schemas.integer("What counts where nobody has set anything.")),
        ("changed_by", Schemas.orNull(Schemas.text("Who set it last, or set it back."))),
        ("changed_at", Schemas.orNull(Schemas.time("When that was."))),
    ])

    static let change: JSONValue = {
        let members = ServiceLimit.allCases.map { limit in
            var schema = Schemas.orNull(Schemas.integer(details(of: limit)))
            schema["minimum"] = .integer(limit.range.lowerBound)
            schema["maximum"] = .integer(limit.range.upperBound)
            return JSONValue.Member(limit.rawValue, schema)
        }
        return [
            "type": "object", "properties": .object(members), "additionalProperties": false,
            "minProperties": 1,
            "example": ["transfers": 8, "bytes_per_second": 20_000_000, "running_jobs": nil],
        ]
    }()

    private static func details(of limit: ServiceLimit) -> String {
        switch limit {
        case .transfers: "Files in transfer at once."
        case .runningJobs: "Jobs that take turns."
        case .requestsPerSecond: "Requests for datasets within a second; 0 for no limit."
        case .bytesPerSecond: "Bytes of datasets within a second; 0 for no limit."
        case .userQueuedJobs: "Jobs of one user that have not ended; 0 for no limit."
        case .userFilesPerDay: "Files that one user may ask for within a day; 0 for no limit."
        case .userSubmissionsPerMinute: "Submissions of one user within a minute; 0 for no limit."
        case .userCommandsPerMinute: "Commands of one user within a minute; 0 for no limit."
        case .userVerificationsPerMinute:
            "Verifications that one user begins within a minute; 0 for no limit."
        }
    }
}
