// Reads the members of POST /download and checks their types as pydantic does.

import APITypes
import Datasets
import JSON
import Jobs

/// What a request says of its job, besides the datasets.
struct SubmissionOptions: Sendable {
    /// `nil` where the request names none.
    var priority: Priority?
    var isForced = false
    var isPinned = false

    /// The control of the job that is made.
    var control: JobControl { JobControl(priority: priority ?? .normal, isPinned: isPinned) }

    /// What an equal job lacks of these options, in sentences.
    func lacks(of job: Job) -> [String] {
        var sentences: [String] = []
        if let priority, priority != job.control.priority {
            sentences.append("Its priority stays \(job.control.priority.rawValue).")
        }
        if isPinned, !job.control.isPinned { sentences.append("It is not pinned.") }
        return sentences
    }
}

/// Reads the members of a request for datasets; unknown ones are ignored.
struct SubmissionReader {
    /// The request; members that are missing or of another type are `nil`.
    let request: RawRequest
    let outputPath: String?
    /// `nil` and `false` where missing or wrong.
    let options: SubmissionOptions
    /// All problems, in the order of the members.
    let problems: [ValidationProblem]
    private let body: JSONValue

    /// - Parameter body: an object.
    init(_ body: JSONValue, from user: String) {
        var members = BodyReader(body)
        var request = RawRequest(createdBy: user)
        request.exchange = members.text("exchange", isRequired: true)
        request.dataTypes =
            body["data_types"] == nil ? ["trades"] : members.texts("data_types", isRequired: true)
        request.symbols = members.texts("symbols", isRequired: true)
        request.startDate = members.text("start_date", isRequired: true)
        request.endDate = members.text("end_date", isRequired: true)
        self.request = request
        outputPath = members.text("output_path")
        let priority = members.integer("priority", Priority.range, reportsFraction: true)
        options = SubmissionOptions(
            priority: priority.flatMap(Priority.init(rawValue:)),
            isForced: members.flag("force") ?? false, isPinned: members.flag("pinned") ?? false)
        problems = members.problems
        self.body = body
    }

    /// An issue that the domain found, as a problem of a member.
    func problem(of issue: ValidationIssue) -> ValidationProblem {
        var location: [ValidationProblem.Step] = ["body"]
        var input = body
        if let member = issue.member {
            location.append(.name(member.rawValue))
            input = body[member.rawValue] ?? .null
            if let index = issue.index {
                location.append(.index(index))
                if let elements = input.elements, elements.indices.contains(index) {
                    input = elements[index]
                }
            }
        }
        return .badValue(location, issue.message, input: input)
    }
}
