// One validation problem as a line for people. It must not know how lines are shown.

import APITypes
import JSON

/// Turns the entries of a 422 answer into lines.
enum ValidationMessage {
    /// The place, the message, and what was sent where the message does not repeat it:
    /// `symbols[0]: there is no BTCUSD on binance; did you mean BTCUSDT?`.
    static func of(_ problem: ValidationProblem) -> String {
        let place = place(of: problem.location)
        let message = words(of: problem.message)
        let line = place.isEmpty ? message : "\(place): \(message)"
        guard let sent = spelling(of: problem.input), !names(sent, line) else { return line }
        return "\(line) (you sent \(sent))"
    }

    /// The message without what it begins with in the predecessor's format, `Value error, `: true
    /// of every wrong value, and no help to anybody.
    private static func words(of message: String) -> String {
        String(message.trimmingPrefix("Value error, "))
    }

    /// `["body", "symbols", 0]` is `symbols[0]`: which part of the request it was in goes without
    /// saying, unless nothing else is named.
    private static func place(of location: [ValidationProblem.Step]) -> String {
        var steps = location[...]
        if steps.count > 1, case .name = steps[steps.startIndex + 1] { steps.removeFirst() }
        return steps.reduce(into: "") { text, step in
            switch step {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    /// Whether the line holds the text as a word: `BTCUSD` is not in `did you mean BTCUSDT?`.
    private static func names(_ text: String, _ line: String) -> Bool {
        line.ranges(of: text).contains { range in
            let before = line[..<range.lowerBound].last
            let after = line[range.upperBound...].first
            return ![before, after].contains { $0.map { $0.isLetter || $0.isNumber } ?? false }
        }
    }

    /// Short scalars only: the whole body, which a missing member is missing from, says nothing.
    private static func spelling(of input: JSONValue) -> String? {
        let textMaxCharacters = 80
        switch input {
        case .string(let text) where !text.isEmpty && text.count <= textMaxCharacters: return text
        case .string(""): return "\"\""
        case .number(let digits) where digits.count <= textMaxCharacters: return digits
        case .bool(let flag): return flag ? "true" : "false"
        default: return nil
        }
    }
}
