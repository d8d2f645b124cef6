// The schemas of a job's files.

import APITypes
import JSON
import Jobs

/// The schemas of what is shown of files.
enum FileSchemas {
    static let file = Schemas.object(
        identity + [
            ("data_type", Schemas.text("The kind of dataset.")),
            ("day", Schemas.date("The day (UTC).")),
            ("symbol", Schemas.text("The symbol as the dataset spells it.")),
        ] + proof + [
            ("origin", Schemas.orNull(Schemas.text("`upstream`, `disk` or `link`."))),
            ("attempts", Schemas.list(of: attempt, "The last attempts, oldest first.")),
            ("seconds", number("How long these attempts took together.")),
            ("attempts_total", Schemas.integer("How many attempts there were, listed or not.")),
            (
                "finding",
                [
                    "type": ["string", "null"],
                    "enum": .array(FileFinding.allCases.map { .string($0.rawValue) } + [.null]),
                    "description": "How the last verification found it, if not as recorded.",
                ]
            ),
            ("revision", revision),
        ])

    /// What the last verification of a job found and did.
    static let verification: JSONValue = {
        var found = Schemas.object([
            ("started_at", Schemas.orNull(Schemas.time("When it began to read files."))),
            ("at", Schemas.time("When it ended.")),
            ("files_checked", Schemas.integer("Files that were to be read again.")),
            ("files_damaged", Schemas.integer("Those whose bytes were not the recorded ones.")),
            ("files_missing", Schemas.integer("Those that were not there.")),
            ("files_repaired", Schemas.integer("Those that have their recorded bytes again.")),
            ("files_changed", Schemas.integer("Those of which Tardis has other bytes now.")),
            (
                "former_digest",
                Schemas.orNull(Schemas.text("The last digest that was another than today's."))
            ),
        ])
        found["description"] = "What the last verification found; null where there was none."
        return Schemas.orNull(found)
    }()

    private static let revision: JSONValue = {
        var revision = Schemas.object([
            ("sha256", Schemas.text("Of the bytes that Tardis had.")),
            ("recorded_sha256", Schemas.text("Of the bytes recorded until then.")),
            ("seen_at", Schemas.time("When that was seen.")),
            ("accepted", Schemas.boolean("Whether they took the place of the recorded ones.")),
        ])
        revision["description"] = "Other bytes that Tardis has been seen to have."
        return Schemas.orNull(revision)
    }()

    static let manifest = Schemas.object([
        ("job_id", Schemas.integer("The job's number.")),
        ("status", Schemas.reference("JobStatus")),
        ("exchange", Schemas.text("The exchange's id.")),
        ("data_types", Schemas.list(of: ["type": "string"], "Kinds of dataset.")),
        ("symbols", Schemas.list(of: ["type": "string"], "Symbols as the datasets spell them.")),
        ("start_date", Schemas.text("The first day.")),
        ("end_date", Schemas.text("The last day, inclusive.")),
        ("output_path", Schemas.text("The folder that the files are in.")),
        (
            "dataset_digest",
            Schemas.orNull(Schemas.text("SHA-256 of the job's SHA256SUMS, once completed."))
        ),
        (
            "former_digest",
            Schemas.orNull(Schemas.text("The job's last digest that was another one."))
        ),
        ("files_total", Schemas.integer("Files of the job.")),
        ("files_done", Schemas.integer("Files that ended well.")),
        ("files_empty", Schemas.integer("Of the files done: those without a row.")),
        ("files_unavailable", Schemas.integer("Of the files done: those that are not there.")),
        ("files_failed", Schemas.integer("Files that could not be had.")),
        ("files_cancelled", Schemas.integer("Files that were called off.")),
        ("gaps_accepted", Schemas.integer("Of the unavailable files: accepted gaps.")),
        (
            "files",
            Schemas.list(
                of: Schemas.object(identity + proof), "Sorted by name.")
        ),
        (
            "gaps",
            Schemas.list(of: ["type": "string"], "Names of the files accepted as gaps.")
        ),
    ])

    private static let identity: [(String, JSONValue)] = [
        ("name", Schemas.text("The file's name in the job's folder.")),
        (
            "state",
            ["type": "string", "enum": .texts(FileState.allCases.map(\.rawValue))]
        ),
    ]

    private static let proof: [(String, JSONValue)] = [
        ("bytes", Schemas.orNull(Schemas.integer("Compressed bytes."))),
        ("rows", Schemas.orNull(Schemas.integer("Rows without the header."))),
        ("first_timestamp", Schemas.orNull(Schemas.time("Of the first row."))),
        ("last_timestamp", Schemas.orNull(Schemas.time("Of the last row."))),
        ("sha256", Schemas.orNull(Schemas.text("Of the compressed bytes."))),
        ("suspicious", Schemas.orNull(Schemas.text("Why its size is odd; no failure."))),
        ("code", Schemas.orNull(Schemas.text("Why there is no such file, or not yet."))),
        ("detail", Schemas.orNull(Schemas.text("The same in a sentence."))),
    ]

    private static let attempt = Schemas.object([
        ("at", Schemas.time("When it began.")),
        ("seconds", number("How long it took.")),
        ("http_status", Schemas.orNull(Schemas.integer("What was answered, if anything."))),
        ("code", Schemas.orNull(Schemas.text("Why it failed, if it did."))),
        ("detail", Schemas.orNull(Schemas.text("The same in a sentence."))),
    ])

    private static func number(_ details: String) -> JSONValue {
        ["type": "number", "minimum": 0, "description": .string(details)]
    }
}
