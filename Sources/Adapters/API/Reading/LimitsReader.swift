// The members of PATCH /settings/limits. It must not know what comes of them.

import APITypes
import JSON
import Jobs

/// Reads a change of limits.
enum LimitsReader {
    /// The values by limit; `nil` stands for the default.
    ///
    /// - Parameter body: an object.
    /// - Throws: ``APIError/invalid(_:)`` with all problems together: unknown members, values that
    ///   are no whole numbers or out of range, and a body without any member.
    static func values(in body: JSONValue) throws(APIError) -> [ServiceLimit: Int?] {
        var values: [ServiceLimit: Int?] = [:]
        var problems: [ValidationProblem] = []
        let members = body.members ?? []
        for member in members {
            let location: [ValidationProblem.Step] = ["body", .name(member.name)]
            guard let limit = ServiceLimit(rawValue: member.name) else {
                problems.append(.unknownMember(location, input: member.value))
                continue
            }
            switch value(member.value, of: limit, at: location) {
            case .success(let value): values[limit] = .some(value)
            case .failure(let problem): problems.append(problem)
            }
        }
        if members.isEmpty {
            let names = ServiceLimit.allCases.map(\.rawValue).joined(separator: ", ")
            problems = [.badValue(["body"], "name at least one limit: \(names)", input: body)]
        }
        guard problems.isEmpty else {
            throw .invalid(Array(problems.prefix(SubmissionReader.problemsMax)))
        }
        return values
    }

    private static func value(
        _ value: JSONValue, of limit: ServiceLimit, at location: [ValidationProblem.Step]
    ) -> Result<Int?, ValidationProblem> {
        if value == .null { return .success(nil) }
        guard let number = value.integer else {
            return .failure(.notWholeNumber(location, input: value))
        }
        if number < limit.range.lowerBound {
            return .failure(.tooSmall(location, input: value, least: limit.range.lowerBound))
        }
        if number > limit.range.upperBound {
            return .failure(.tooLarge(location, input: value, most: limit.range.upperBound))
        }
        return .success(number)
    }
}

extension ValidationProblem: Error {}
