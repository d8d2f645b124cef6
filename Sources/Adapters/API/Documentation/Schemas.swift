// The schemas (JSON Schema 2020-12) of everything the API takes and gives, under the names of the
// predecessor's document where it had them.

import APITypes
import Datasets
import JSON
import Jobs

/// The reusable schemas of the OpenAPI document.
enum Schemas {
    static let all: JSONValue = [
        "DownloadRequest": downloadRequest,
        "JobSubmitResponse": jobSubmitResponse,
        "JobStatus": oneOf(JobState.allCases.map(\.rawValue)),
        "JobResponse": jobResponse,
        "JobListResponse": object([
            ("jobs", list(of: reference("JobResponse"), "Newest first.")),
            ("total", integer("How many jobs match, on all pages together.")),
            ("next_cursor", orNull(text("Where the next page begins; null on the last one."))),
        ]),
        "JobStatusResponse": object([
            ("job_id", integer("The job's number.")),
            ("status", reference("JobStatus")),
            ("created_by", text("Who submitted it.")),
            ("created_at", time("When it was submitted.")),
            ("error_message", orNull(text("What failed and why."))),
            ("waiting", waiting),
        ]),
        "FileListResponse": object([
            ("files", list(of: reference("FileResponse"), "Sorted by name.")),
            ("total", integer("How many files match, on all pages together.")),
        ]),
        "FileResponse": file,
        "Manifest": manifest,
        "Limit": limitResponse,
        "LimitsResponse": limitsResponse,
        "LimitsChange": limitsChange,
        "UpstreamResumeResponse": object([
            ("until", time("When the pause would have been over.")),
            ("reason", orNull(text("Why downloads paused."))),
        ]),
        "DataRootConfirmResponse": object([
            ("confirmed", ["type": "boolean", "const": true]),
            ("disk_free_bytes", integer("Bytes that can be written to it.")),
        ]),
        "JobChange": jobChange,
        "GapAcceptance": gapAcceptance,
        "Verification": verificationRequest,
        "JobActions": jobActions,
        "JobActionsResponse": jobActionsResponse,
        "EventResponse": event,
        "JobEventsResponse": jobEvents,
        "EventListResponse": eventList,
        "ServiceInfo": object([
            ("service", text("The service's name.")),
            ("status", ["type": "string", "const": "running"]),
            ("version", text("The service's version.")),
        ]),
        "HealthReport": healthReport,
        "Error": object([("detail", text("What went wrong, in a sentence."))]),
        "HTTPValidationError": object([
            ("detail", list(of: reference("ValidationError"), "Every problem of the request."))
        ]),
        "ValidationError": validationError,
    ]

    private static let downloadRequest: JSONValue = {
        let types = DataType.allCases.map(\.name).joined(separator: ", ")
        // Valid names depend on the catalogue; only that an empty one is invalid is fixed.
        let name: JSONValue = ["type": "string", "minLength": 1]
        var request = object([
            ("exchange", text("The exchange's id at Tardis.")),
            ("symbols", list(of: name, "Symbols, in any usual spelling.")),
            ("start_date", date("The first day (UTC).")),
            ("end_date", date("The last day (UTC), inclusive.")),
        ])
        request["properties"]?["exchange"]?["pattern"] = "^[a-z0-9-]{1,64}$"
        request["properties"]?["symbols"]?["minItems"] = 1
        var dataTypes = list(of: name, "Kinds of dataset: \(types).")
        dataTypes["default"] = ["trades"]
        dataTypes["minItems"] = 1
        request["properties"]?["data_types"] = dataTypes
        request["properties"]?["output_path"] = orNull(
            text("The data folder or a folder below it; the data folder itself by default."))
        for (name, member) in submissionOptions { request["properties"]?[name] = member }
        request["example"] = [
            "exchange": "binance", "symbols": ["BTCUSDT", "ETHUSDT"],
            "start_date": "2024-01-01", "end_date": "2024-01-02", "data_types": ["trades"],
            "output_path": "./datasets/btc",
        ]
        return request
    }()

    /// Options of a job.
    private static let submissionOptions: [(String, JSONValue)] = {
        var priority = orNull(
            integer("The higher the sooner; above 5 for administrators only."))
        priority["minimum"] = .integer(Priority.range.lowerBound)
        priority["maximum"] = .integer(Priority.range.upperBound)
        priority["default"] = .integer(Priority.normal.rawValue)
        var force = orNull(boolean("A new job even where an equal one of yours is active."))
        force["default"] = false
        var pinned = orNull(boolean("Keep the job however old it gets."))
        pinned["default"] = false
        return [("priority", priority), ("force", force), ("pinned", pinned)]
    }()

    private static let jobSubmitResponse: JSONValue = {
        var response = object([
            ("job_id", integer("The job's number.")),
            ("message", text("What was accepted, for people.")),
            ("status", reference("JobStatus")),
            ("notes", texts("What differs from the request as written.")),
        ])
        response["properties"]?["duplicate_of"] = integer(
            "The same number; only where no new job was made, because this one is active and was "
                + "asked for the same.")
        return response
    }()

    private static let jobResponse = object([
        ("id", integer("The job's number.")),
        ("status", reference("JobStatus")),
        ("exchange", text("The exchange's id.")),
        ("data_types", texts("Kinds of dataset.")),
        ("symbols", texts("Symbols as the datasets spell them.")),
        ("start_date", text("The first day.")),
        ("end_date", text("The last day, inclusive.")),
        ("output_path", text("The folder that the files go to.")),
        ("created_at", time("When it was submitted.")),
        ("started_at", orNull(time("When it began to run."))),
        ("completed_at", orNull(time("When it ended, well or not."))),
        ("error_message", orNull(text("What failed and why."))),
        ("created_by", text("Who submitted it.")),
        (
            "files_total",
            integer(
                "Files of the job; before it is planned, as many as it asks for; 0 for a job that "
                    + "ended in the former service, which recorded none.")
        ),
        ("files_done", integer("Files that ended well: with rows, empty or unavailable.")),
        ("files_failed", integer("Files that failed.")),
        ("bytes_done", integer("Compressed bytes of the published files.")),
        ("notes", texts("What differs from the request as written.")),
        ("dataset_digest", orNull(text("SHA-256 of the job's SHA256SUMS, once completed."))),
        ("bytes_saved", integer("Bytes that were at hand and did not have to be fetched.")),
        ("files_suspicious", integer("Files whose size is far from that of days nearby.")),
        ("verified_at", orNull(time("When all files were last proven again."))),
        ("files_repaired", integer("Files found damaged or missing then, and repaired.")),
        ("priority", integer("0 to 9, the higher the sooner; 5 by default.")),
        ("paused", boolean("Whether it waits until it is resumed.")),
        ("pinned", boolean("Whether it is kept however old it is.")),
        ("resume_at", orNull(time("When it goes on, while Tardis wants to be left alone."))),
        ("files_empty", integer("Of the files done: those without a row.")),
        ("files_unavailable", integer("Of the files done: those that Tardis does not have.")),
        ("files_cancelled", integer("Files that were cancelled with the job.")),
        ("gaps_accepted", integer("Of the unavailable files: gaps that the owner accepted.")),
        ("verification", verification),
        ("waiting", waiting),
        ("symbols_total", integer("How many symbols it has; lists show the first of them.")),
    ])

    private static let healthReport: JSONValue = {
        var report = object([
            ("status", oneOf(["healthy", "degraded", "unhealthy"])),
            ("database", text("`connected`, or what is wrong with it.")),
            ("telegram", text("`configured`, `not configured`, or what is wrong with it.")),
            ("disk", text("`ok`, or what is wrong with the data folder.")),
            ("disk_free_bytes", orNull(integer("Bytes that can still be written there."))),
            ("upstream", text("`reachable`, or what is wrong with Tardis.")),
            ("jobs_running", orNull(integer("Jobs that run."))),
            ("jobs_pending", orNull(integer("Jobs that wait."))),
            ("version", text("The service's version.")),
            ("service", text("The service's name, by which its answer is recognised.")),
            (
                "reasons",
                list(
                    of: object([
                        ("code", text("`upstream_paused`, `disk_low` and the like.")),
                        ("detail", text("The same in sentences, with what to do.")),
                        ("until", orNull(time("When it is over, where that is known."))),
                    ]), "Why the service is not healthy.")
            ),
        ])
        report["properties"]?["detail"] = text("What is wrong; only where something is.")
        return report
    }()

    private static let validationError: JSONValue = {
        var problem = object([
            ("type", text("The kind of problem.")),
            ("loc", list(of: ["type": ["string", "integer"]], "The path to the member.")),
            ("msg", text("The problem in a sentence.")),
            ("input", ["description": "What was sent."]),
        ])
        problem["properties"]?["ctx"] = [
            "type": "object", "description": "The numbers in the message.",
        ]
        return problem
    }()

    // MARK: Building blocks

    /// An object that always has all of these members.
    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        [
            "type": "object",
            "properties": .object(members.map { JSONValue.Member($0.0, $0.1) }),
            "required": .texts(members.map(\.0)),
        ]
    }

    static func text(_ details: String) -> JSONValue {
        ["type": "string", "description": .string(details)]
    }

    static func integer(_ details: String) -> JSONValue {
        ["type": "integer", "description": .string(details)]
    }

    static func boolean(_ details: String) -> JSONValue {
        ["type": "boolean", "description": .string(details)]
    }

    /// One of these texts.
    static func oneOf(_ values: [String]) -> JSONValue {
        ["type": "string", "enum": .texts(values)]
    }

    static func texts(_ details: String) -> JSONValue {
        list(of: ["type": "string"], details)
    }

    static func date(_ details: String) -> JSONValue {
        ["type": "string", "format": "date", "description": .string(details)]
    }

    static func time(_ details: String) -> JSONValue {
        ["type": "string", "format": "date-time", "description": .string(details)]
    }

    static func list(of element: JSONValue, _ details: String) -> JSONValue {
        ["type": "array", "items": element, "description": .string(details)]
    }

    static func orNull(_ schema: JSONValue) -> JSONValue {
        var schema = schema
        if let type = schema["type"] { schema["type"] = [type, "null"] }
        return schema
    }

    static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/" + name)]
    }
}
