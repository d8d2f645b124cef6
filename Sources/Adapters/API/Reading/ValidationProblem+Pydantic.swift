// The problems that a request can have, in pydantic's types and words, which the API's users know.

import APITypes
import JSON

extension ValidationProblem {
    static func missing(_ location: [Step], from input: JSONValue) -> ValidationProblem {
        ValidationProblem(
            type: "missing", location: location, message: "Field required", input: input)
    }

    static func notString(_ location: [Step], input: JSONValue) -> ValidationProblem {
        ValidationProblem(
            type: "string_type", location: location, message: "Input should be a valid string",
            input: input)
    }

    static func notList(_ location: [Step], input: JSONValue) -> ValidationProblem {
        ValidationProblem(
            type: "list_type", location: location, message: "Input should be a valid list",
            input: input)
    }

    static func notBool(_ location: [Step], input: JSONValue) -> ValidationProblem {
        ValidationProblem(
            type: "bool_type", location: location, message: "Input should be a valid boolean",
            input: input)
    }

    static func unknownMember(_ location: [Step], input: JSONValue) -> ValidationProblem {
        ValidationProblem(
            type: "extra_forbidden", location: location,
            message: "Extra inputs are not permitted", input: input)
    }

    static func notObject(_ location: [Step], input: JSONValue) -> ValidationProblem {
        ValidationProblem(
            type: "model_attributes_type", location: location,
            message: "Input should be a valid dictionary or object to extract fields from",
            input: input)
    }

    static func notJSON(_ error: JSONSyntaxError) -> ValidationProblem {
        ValidationProblem(
            type: "json_invalid", location: ["body", .index(error.offset)],
            message: "JSON decode error", input: [:], context: ["error": .string(error.words)])
    }

    static func notInteger(_ location: [Step], input: String) -> ValidationProblem {
        ValidationProblem(
            type: "int_parsing", location: location,
            message: "Input should be a valid integer, unable to parse string as an integer",
            input: .string(input))
    }

    /// For members of a body, where digits in quotation marks are not a number.
    static func notWholeNumber(_ location: [Step], input: JSONValue) -> ValidationProblem {
        ValidationProblem(
            type: "int_type", location: location, message: "Input should be a valid integer",
            input: input)
    }

    static func fractional(_ location: [Step], input: JSONValue) -> ValidationProblem {
        ValidationProblem(
            type: "int_from_float", location: location,
            message: "Input should be a valid integer, got a number with a fractional part",
            input: input)
    }

    /// The problem of a member that has to be a whole number within a range; `nil` where it is.
    static func wholeNumber(
        _ value: JSONValue, in range: ClosedRange<Int>, at location: [Step]
    ) -> ValidationProblem? {
        guard let number = value.integer else { return notWholeNumber(location, input: value) }
        return outOfRange(number, range, location, input: value)
    }

    /// The problem of a number outside a range; `nil` for one within it.
    static func outOfRange(
        _ number: Int, _ range: ClosedRange<Int>, _ location: [Step], input: JSONValue
    ) -> ValidationProblem? {
        if range.contains(number) { return nil }
        let isTooSmall = number < range.lowerBound
        let bound = isTooSmall ? range.lowerBound : range.upperBound
        let name = isTooSmall ? "ge" : "le"
        return ValidationProblem(
            type: isTooSmall ? "greater_than_equal" : "less_than_equal", location: location,
            message: "Input should be \(isTooSmall ? "greater" : "less") than or equal to \(bound)",
            input: input, context: [name: .integer(bound)])
    }

    static func reusedKey(_ key: String) -> ValidationProblem {
        ValidationProblem(
            type: "idempotency_key_reused", location: ["header", "Idempotency-Key"],
            message: "This key came before with another body. Repeat a request with the body that "
                + "it had, and send a new key with a new request",
            input: .string(key))
    }

    static func notOneOf(
        _ choices: [String], _ location: [Step], input: String
    ) -> ValidationProblem {
        let quoted = choices.map { "'\($0)'" }
        let expected = quoted.dropLast().joined(separator: ", ") + " or " + (quoted.last ?? "")
        return ValidationProblem(
            type: "enum", location: location, message: "Input should be \(expected)",
            input: .string(input), context: ["expected": .string(expected)])
    }

    static func badValue(
        _ location: [Step], _ reason: String, input: JSONValue
    ) -> ValidationProblem {
        ValidationProblem(
            type: "value_error", location: location, message: "Value error, \(reason)",
            input: input)
    }
}
