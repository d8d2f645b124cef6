// The jobs that a command is about, and lists as people write them on a command line.

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

    /// Sends a request for each job and prints the answers. A refusal that concerns one job does
    /// not stop the others.
    ///
    /// - Throws: the last failure; those before it have been explained.
    func each<Value: Sendable>(
        _ session: Session,
        ask: (APIClient, Int64) async throws -> APIReply<Value>,
        print lines: (Value) -> [String]
    ) async throws {
        var last: ServiceFailure?
        for id in ids {
            let reply: APIReply<Value>
            do throws(ServiceFailure) {
                reply = try await session.send { try await ask($0, id) }
            } catch {
                if let last { ClientProgram.explain(last, session.console) }
                guard error.isAboutOneJob else { throw error }
                last = error
                continue
            }
            try session.print(reply, as: lines)
        }
        if let last { throw last }
    }
}

extension ServiceFailure {
    /// Whether the same request may succeed for another job.
    fileprivate var isAboutOneJob: Bool {
        guard case .refused(let refusal) = cause else { return false }
        return [403, 404, 409].contains(refusal.status)
    }
}

/// Splits lists.
enum ValueList {
    /// The elements of all texts together, in order: `BTC-USDT,ETH-USDT` and `"BTC-USDT ETH-USDT"`
    /// are two, and so is `["BTC-USDT", "ETH-USDT"]`. A separator after a backslash is part of the
    /// element, for the few symbols that hold one. Texts without any element stay as they are: the
    /// service says what is wrong with them.
    static func elements(of texts: [String]) -> [String] {
        texts.flatMap { text in
            let elements = elements(of: text)
            return elements.isEmpty ? [text] : elements
        }
    }

    private static func elements(of text: String) -> [String] {
        let isJSON = text.hasPrefix("[") && text.hasSuffix("]")
        let body = isJSON ? text.dropFirst().dropLast() : text[...]
        var elements: [String] = []
        var element = ""
        var isEscaped = false
        for character in body {
            if isEscaped {
                if !isSeparator(character) { element.append("\\") }
                element.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if isSeparator(character) {
                if !element.isEmpty { elements.append(element) }
                element = ""
            } else if !isQuote(character) {
                element.append(character)
            }
        }
        if isEscaped { element.append("\\") }
        return element.isEmpty ? elements : elements + [element]
    }

    /// Also those that word processors make.
    private static func isQuote(_ character: Character) -> Bool {
        "\"'“”„‘’«»".contains(character)
    }

    private static func isSeparator(_ character: Character) -> Bool {
        character == "," || character == ";" || character.isWhitespace
    }
}
