// The jobs that a command is about, where there may be several.

import APIClient
import ArgumentParser
import Datasets

/// One or more job numbers.
struct JobNumbers: ParsableArguments {
    @Argument(help: ArgumentHelp("The numbers that submit printed.", valueName: "job"))
    private var texts: [String]

    /// The numbers, in order; `1,2` are two.
    var ids: [Int64] { ValueList.elements(of: texts).compactMap { Int64($0) } }

    mutating func validate() throws {
        let elements = ValueList.elements(of: texts)
        if elements.isEmpty { throw ValidationError("Missing expected argument '<job> ...'") }
        if let wrong = elements.first(where: { Int64($0) == nil }) {
            throw ValidationError("The value \(TextFormat.quoted(wrong)) is no job's number")
        }
    }

    /// Does something for each job, also for those after one that the service refuses.
    ///
    /// - Throws: the last failure; those before it have been explained.
    func each(
        _ session: Session, _ body: (Int64, Console) async throws -> Void
    ) async throws {
        let console = Console()
        var last: ServiceFailure?
        for id in ids {
            do {
                try await body(id, console)
            } catch let failure as ServiceFailure {
                if let last { ClientProgram.explain(last, console) }
                // The others would meet the same: nobody answers, or nobody may ask.
                guard failure.isAboutOneJob else { throw failure }
                last = failure
            }
        }
        if let last { throw last }
    }
}

extension ServiceFailure {
    /// Whether another job may fare better.
    fileprivate var isAboutOneJob: Bool {
        guard case .refused(let refusal) = cause else { return false }
        return [403, 404, 409].contains(refusal.status)
    }
}
