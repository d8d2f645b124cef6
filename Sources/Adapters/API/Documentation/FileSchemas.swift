// The schemas of a job's files.

import APITypes
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
            ("attempts", Schemas.list(of: attempt, "Oldest first.")),
            ("seconds", number("How long the attempts took together.")),
        ])

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
            "files",
            Schemas.list(
                of: Schemas.object(identity + proof), "In the order of the job's plan.")
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
