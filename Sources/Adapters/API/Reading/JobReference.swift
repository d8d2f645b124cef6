// The job that a path names.

import APITypes
import Jobs

/// Reads `job_id` in a path and finds the job.
struct JobReference {
    /// The name of the gap in paths.
    static let name = "job_id"
    /// How the gap is declared.
    static let parameter = Operation.Parameter(
        name: name, place: .path, details: "The job's number.", schema: ["type": "integer"])

    /// The job that the call is about.
    ///
    /// - Throws: ``Refusal/invalid(_:)`` where the path holds no whole number,
    ///   ``Refusal/unknownJob(_:)`` where no job has it, and what the store throws.
    static func job(of call: Call, in store: any JobStoring) async throws -> Job {
        let text = call.arguments[name] ?? ""
        guard let number = IntegerText(text) else {
            throw Refusal.invalid([.notInteger(["path", .name(name)], input: text)])
        }
        guard let id = number.value, id > 0, let job = try await store.job(JobID(id)) else {
            throw Refusal.unknownJob(number.description)
        }
        return job
    }
}
