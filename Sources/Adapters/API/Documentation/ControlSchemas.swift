// The schemas of commands to jobs, of the history, and of limits.

import APITypes
import JSON
import Jobs

/// The schemas of control and history.
enum ControlSchemas {
    static let jobChange: JSONValue = [
        "type": "object",
        "properties": [
            "priority": [
                "type": ["integer", "null"],
                "minimum": .integer(Priority.range.lowerBound),
                "maximum": .integer(Priority.range.upperBound),
                "description": "The higher the sooner; above 5 for administrators.",
            ],
            "pinned": Schemas.orNull(
                Schemas.boolean("Whether the job is kept however old it is.")),
        ],
        "additionalProperties": false,
        "minProperties": 1,
        // `null` is as good as nothing sent, and a change of nothing is refused.
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

    static let verification: JSONValue = [
        "type": "object",
        "properties": [
            "accept_revision": Schemas.orNull(
                Schemas.boolean("Whether other bytes than the recorded ones may be taken."))
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
            "user": Schemas.orNull(Schemas.text("Only jobs of this user.")),
            "exchange": Schemas.orNull(Schemas.text("Only jobs of this exchange.")),
            "dry_run": Schemas.orNull(Schemas.boolean("Whether to say only what would be done.")),
        ],
        "required": ["action"],
        "additionalProperties": false,
        "example": ["action": "cancel", "status": "pending", "dry_run": true],
    ]

    static let jobActionsResponse = Schemas.object([
        ("action", action),
        ("dry_run", Schemas.boolean("Whether nothing was changed.")),
        ("matched", Schemas.integer("Jobs that match, listed or not.")),
        ("actionable", Schemas.integer("Those of them that it can change.")),
        ("done", Schemas.integer("Those listed that it has changed, or would.")),
        ("passed_over", Schemas.integer("Those listed that it cannot change.")),
        ("more", Schemas.boolean("Whether the action can change more jobs than are listed.")),
        (
            "jobs",
            Schemas.list(
                of: Schemas.object([
                    ("job_id", Schemas.integer("The job's number.")),
                    ("status", Schemas.reference("JobStatus")),
                    (
                        "result",
                        ["type": "string", "enum": ["done", "unchanged", "passed_over"]]
                    ),
                    ("reason", Schemas.orNull(Schemas.text("Why it was passed over."))),
                ]), "Those that can be changed first, newest first.")
        ),
    ])

    static let event = Schemas.object([
        ("id", Schemas.integer("Its place in the history, ascending.")),
        ("job_id", Schemas.orNull(Schemas.integer("The job, if it is about one."))),
        ("at", Schemas.time("When it happened.")),
        (
            "event",
            ["type": "string", "enum": .texts(JobEvent.Kind.allCases.map(\.rawValue))]
        ),
        ("by", Schemas.text("Who did it: a user, or `service`.")),
        ("from", Schemas.orNull(Schemas.text("The address that it came from."))),
        ("detail", Schemas.orNull(Schemas.text("What else is worth knowing."))),
    ])

    /// Why a job waits.
    static let waiting: JSONValue = {
        var waiting = Schemas.object([
            (
                "code",
                [
                    "type": "string",
                    "enum": [
                        "paused", "behind", "next", "parked", "disk_low", "inodes_low",
                        "data_root_changed", "not_writable", "machine_busy", "catalogue", "retry",
                        "turn",
                    ],
                ]
            ),
            ("reason", Schemas.text("The same in words.")),
            ("until", Schemas.orNull(Schemas.time("When it goes on, where that is known."))),
        ])
        waiting["description"] = "Why the job waits; null where nothing holds it up."
        return Schemas.orNull(waiting)
    }()

    static let jobEvents: JSONValue = {
        var answer = Schemas.object([
            ("job_id", Schemas.integer("The job's number.")),
            ("events", Schemas.list(of: Schemas.reference("EventResponse"), "Oldest first.")),
            ("total", Schemas.integer("How many events there are, on all pages together.")),
        ])
        answer["properties"]?["waiting"] = waiting
        answer["required"] = ["job_id", "events", "total", "waiting"]
        return answer
    }()

    static let eventList = Schemas.object([
        ("events", Schemas.list(of: Schemas.reference("EventResponse"), "Newest first.")),
        ("total", Schemas.integer("How many events there are, on all pages together.")),
    ])

    private static let action: JSONValue = [
        "type": "string", "enum": .texts(JobCommandName.allCases.map(\.rawValue)),
    ]
}

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
