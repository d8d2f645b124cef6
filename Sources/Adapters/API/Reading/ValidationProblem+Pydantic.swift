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

    /// Of a member of a body, where digits in quotation marks are no number.
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

    static func tooSmall(_ location: [Step], input: JSONValue, least: Int) -> ValidationProblem {
        ValidationProblem(
            type: "greater_than_equal", location: location,
            message: "Input should be greater than or equal to \(least)", input: input,
            context: ["ge": .integer(least)])
    }

    static func tooLarge(_ location: [Step], input: JSONValue, most: Int) -> ValidationProblem {
        ValidationProblem(
            type: "less_than_equal", location: location,
            message: "Input should be less than or equal to \(most)", input: input,
            context: ["le": .integer(most)])
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
