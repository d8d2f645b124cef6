// The schemas of a job's files.

import APITypes
import JSON
import Jobs

/// The schemas of files and manifests.
extension Schemas {
    static let file = object(
        identity + [
            ("data_type", text("The kind of dataset.")),
            ("day", date("The day (UTC).")),
            ("symbol", text("The symbol as the dataset spells it.")),
        ] + proof + [
            ("origin", orNull(text("`upstream`, `disk` or `link`."))),
            ("attempts", list(of: attempt, "The last attempts, oldest first.")),
            ("seconds", number("How long these attempts took together.")),
            ("attempts_total", integer("How many attempts there were, listed or not.")),
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
        var found = object([
            ("started_at", orNull(time("When it began to read files."))),
            ("at", time("When it ended.")),
            ("files_checked", integer("Files that were to be verified.")),
            ("files_damaged", integer("Those whose bytes were not the recorded ones.")),
            ("files_missing", integer("Those that were not there.")),
            ("files_repaired", integer("Those that were repaired.")),
            ("files_changed", integer("Those of which Tardis has other bytes now.")),
            ("former_digest", orNull(text("The last digest that was another than today's."))),
        ])
        found["description"] = "What the last verification found; null where there was none."
        return orNull(found)
    }()

    private static let revision: JSONValue = {
        var revision = object([
            ("sha256", text("Of the bytes that Tardis had.")),
            ("recorded_sha256", text("Of the bytes recorded until then.")),
            ("seen_at", time("When that was seen.")),
            ("accepted", boolean("Whether they took the place of the recorded ones.")),
        ])
        revision["description"] = "Other bytes that Tardis has been seen to have."
        return orNull(revision)
    }()

    static let manifest = object([
        ("job_id", integer("The job's number.")),
        ("status", reference("JobStatus")),
        ("exchange", text("The exchange's id.")),
        ("data_types", texts("Kinds of dataset.")),
        ("symbols", texts("Symbols as the datasets spell them.")),
        ("start_date", text("The first day.")),
        ("end_date", text("The last day, inclusive.")),
        ("output_path", text("The folder that the files are in.")),
        ("dataset_digest", orNull(text("SHA-256 of the job's SHA256SUMS, once completed."))),
        ("former_digest", orNull(text("The job's last digest that was another one."))),
        ("files_total", integer("Files of the job.")),
        ("files_done", integer("Files that ended well.")),
        ("files_empty", integer("Of the files done: those without a row.")),
        ("files_unavailable", integer("Of the files done: those that are not there.")),
        ("files_failed", integer("Files that failed.")),
        ("files_cancelled", integer("Files that were cancelled.")),
        ("gaps_accepted", integer("Of the unavailable files: accepted gaps.")),
        ("files", list(of: object(identity + proof), "Sorted by name.")),
        ("gaps", texts("Names of the files accepted as gaps.")),
    ])

    private static let identity: [(String, JSONValue)] = [
        ("name", text("The file's name in the job's folder.")),
        ("state", oneOf(FileState.allCases.map(\.rawValue))),
    ]

    private static let proof: [(String, JSONValue)] = [
        ("bytes", orNull(integer("Compressed bytes."))),
        ("rows", orNull(integer("Rows without the header."))),
        ("first_timestamp", orNull(time("Of the first row."))),
        ("last_timestamp", orNull(time("Of the last row."))),
        ("sha256", orNull(text("Of the compressed bytes."))),
        ("suspicious", orNull(text("Why its size is unusual; not a failure."))),
        ("code", orNull(text("Why there is no such file, or not yet."))),
        ("detail", orNull(text("The same in a sentence."))),
    ]

    private static let attempt = object([
        ("at", time("When it began.")),
        ("seconds", number("How long it took.")),
        ("http_status", orNull(integer("The status of the response, if there was one."))),
        ("code", orNull(text("Why it failed, if it did."))),
        ("detail", orNull(text("The same in a sentence."))),
    ])

    private static func number(_ details: String) -> JSONValue {
        ["type": "number", "minimum": 0, "description": .string(details)]
    }
}
