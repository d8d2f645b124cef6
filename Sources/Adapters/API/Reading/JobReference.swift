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
    /// - Throws: ``APIError/invalid(_:)`` where the path holds no whole number,
    ///   ``APIError/unknownJob(_:)`` where no job has it, and what the store throws.
    static func job(of call: RequestContext, in store: any JobStoring) async throws -> Job {
        let number = try number(in: call)
        guard let id = id(number), let job = try await store.job(id) else {
            throw APIError.unknownJob(number.description)
        }
        return job
    }

    /// The job's id; `nil` where no job can have the number.
    ///
    /// - Throws: ``APIError/invalid(_:)`` where the path holds no whole number.
    static func id(of call: RequestContext) throws(APIError) -> JobID? {
        id(try number(in: call))
    }

    private static func id(_ number: IntegerText) -> JobID? {
        number.value.flatMap { $0 > 0 ? JobID($0) : nil }
    }

    private static func number(in call: RequestContext) throws(APIError) -> IntegerText {
        let text = call.arguments[name] ?? ""
        guard let number = IntegerText(text) else {
            throw APIError.invalid([.notInteger(["path", .name(name)], input: text)])
        }
        return number
    }
}
