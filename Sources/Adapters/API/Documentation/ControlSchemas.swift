// The schemas of commands to jobs, of the history, and of limits.

import APITypes
import JSON
import Jobs

/// The schemas of commands and history.
extension Schemas {
    static let jobChange: JSONValue = [
        "type": "object",
        "properties": [
            "priority": [
                "type": ["integer", "null"],
                "minimum": .integer(Priority.range.lowerBound),
                "maximum": .integer(Priority.range.upperBound),
                "description": "The higher the sooner; above 5 for administrators.",
            ],
            "pinned": orNull(boolean("Whether the job is kept however old it is.")),
        ],
        "additionalProperties": false,
        "minProperties": 1,
        // `null` stands for a missing member, and a change without members is invalid.
        "anyOf": [
            ["required": ["priority"], "properties": ["priority": ["type": "integer"]]],
            ["required": ["pinned"], "properties": ["pinned": ["type": "boolean"]]],
        ],
        "example": ["pinned": true],
    ]

    static let gapAcceptance: JSONValue = [
        "type": "object",
        "properties": [
            "files": [
                "type": ["array", "null"],
                "items": ["type": "string"],
                "minItems": 1,
                "maxItems": 1_000,
                "description": "Names of the files, all or none; all gaps by default.",
            ]
        ],
        "additionalProperties": false,
        "example": ["files": ["binance_trades_2024-06-10_BTCUSDT.csv.gz"]],
    ]

    static let verificationRequest: JSONValue = [
        "type": "object",
        "properties": [
            "accept_revision": orNull(
                boolean("Whether other bytes than the recorded ones may be taken."))
        ],
        "additionalProperties": false,
        "example": ["accept_revision": true],
    ]

    static let jobActions: JSONValue = [
        "type": "object",
        "properties": [
            "action": action,
            "status": [
                "type": ["string", "null"],
                "enum": .array(JobState.allCases.map { .string($0.rawValue) } + [.null]),
                "description": "Only jobs with this status.",
            ],
            "user": orNull(text("Only jobs of this user.")),
            "exchange": orNull(text("Only jobs of this exchange.")),
            "dry_run": orNull(boolean("Whether to say only what would be done.")),
        ],
        "required": ["action"],
        "additionalProperties": false,
        "example": ["action": "cancel", "status": "pending", "dry_run": true],
    ]

    static let jobActionsResponse = object([
        ("action", action),
        ("dry_run", boolean("Whether nothing was changed.")),
        ("matched", integer("Jobs that match, listed or not.")),
        ("actionable", integer("Those of them that it can change.")),
        ("done", integer("Those listed that it has changed, or would.")),
        ("passed_over", integer("Those listed that it cannot change.")),
        ("more", boolean("Whether the action can change more jobs than are listed.")),
        ("jobs", list(of: commandOutcome, "Those that can be changed first, newest first.")),
    ])

    private static let commandOutcome = object([
        ("job_id", integer("The job's number.")),
        ("status", reference("JobStatus")),
        ("result", oneOf(["done", "unchanged", "passed_over"])),
        ("reason", orNull(text("Why it was passed over."))),
    ])

    static let event = object([
        ("id", integer("Its number in the history, ascending.")),
        ("job_id", orNull(integer("The job, if it is about one."))),
        ("at", time("When it happened.")),
        ("event", oneOf(JobEvent.Kind.allCases.map(\.rawValue))),
        ("by", text("Who did it: a user, or `service`.")),
        ("from", orNull(text("The address that it came from."))),
        ("detail", orNull(text("Details, if there are any."))),
    ])

    /// Why a job waits.
    static let waiting: JSONValue = {
        var waiting = object([
            (
                "code",
                oneOf([
                    "paused", "behind", "next", "parked", "disk_low", "inodes_low",
                    "data_root_changed", "not_writable", "machine_busy", "catalogue", "retry",
                    "turn",
                ])
            ),
            ("reason", text("The same in words.")),
            ("until", orNull(time("When it goes on, where that is known."))),
        ])
        waiting["description"] = "Why the job waits; null where nothing holds it up."
        return orNull(waiting)
    }()

    static let jobEvents = object([
        ("job_id", integer("The job's number.")),
        ("events", list(of: reference("EventResponse"), "Oldest first.")),
        ("total", integer("How many events there are, on all pages together.")),
        ("waiting", waiting),
    ])

    static let eventList = object([
        ("events", list(of: reference("EventResponse"), "Newest first.")),
        ("total", integer("How many events there are, on all pages together.")),
    ])

    private static let action: JSONValue = oneOf(JobCommandName.allCases.map(\.rawValue))
}

/// The schemas of limits, and of changes to them.
extension Schemas {
    static let limitsResponse = object(
        ServiceLimit.allCases.map { ($0.rawValue, reference("Limit")) })

    static let limitResponse = object([
        ("value", integer("The current value.")),
        ("default", integer("The value unless it was changed.")),
        ("changed_by", orNull(text("Who set it last, or set it back."))),
        ("changed_at", orNull(time("When that was."))),
    ])

    static let limitsChange: JSONValue = {
        let members = ServiceLimit.allCases.map { limit in
            var schema = orNull(integer(details(of: limit)))
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
