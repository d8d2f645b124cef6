// How a job is wanted, beside what it fetches.

import APITypes
import ArgumentParser

/// Urgency, and what happens with jobs that are there already.
struct SubmissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "0 to 9, the higher the sooner; above 5 for administrators (default: 5).",
            valueName: "number"))
    var priority: Int?

    @Flag(help: "Make a new job even where the same one of yours is not done yet.")
    var force = false

    @Flag(help: "Keep the job in the list however old it gets.")
    var pin = false

    @Option(
        help: ArgumentHelp(
            """
            The same key with the same request makes one job, within 24 hours (default: a new \
            random one).
            """, valueName: "key"))
    var idempotencyKey: String?

    func validate() throws {
        if let priority, !(0...9).contains(priority) {
            throw ValidationError("--priority takes a number from 0 to 9")
        }
    }

    /// The request with these wishes.
    func added(to request: SubmitRequest) -> SubmitRequest {
        var request = request
        request.priority = priority
        request.force = force ? true : nil
        request.pinned = pin ? true : nil
        return request
    }
}
