// Every JSON that Tardis answers, read in one place. It must not know what the answers mean.

import Datasets
import FoundationEssentials

/// Decodes Tardis's JSON.
enum JSONReplies {
    /// The body of an answer that is an error.
    struct ErrorReply: Decodable {
        var code: Int?
        var message: String?
        /// Rounded up; `nil` where it is negative.
        var retryAfterSeconds: Int?
        /// Whether it has a member that Tardis's errors have, of whatever type.
        var isOfTardis: Bool

        /// A number beyond this is as good as this: 31 years.
        private static let secondsMax = 1_000_000_000.0

        private enum CodingKeys: String, CodingKey {
            case code, message, retryAfterSeconds
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            isOfTardis = !values.allKeys.isEmpty
            // A member of another type than expected must not hide the others.
            code = try? values.decode(Int.self, forKey: .code)
            message = try? values.decode(String.self, forKey: .message)
            let text = try? values.decode(String.self, forKey: .retryAfterSeconds)
            let number = try? values.decode(Double.self, forKey: .retryAfterSeconds)
            let seconds = number ?? text.flatMap { Double($0) }
            if let seconds, seconds >= 0 {
                retryAfterSeconds = Int(min(seconds, Self.secondsMax).rounded(.up))
            }
        }
    }

    /// Reads an error body, also one that was cut short; `nil` if it is no JSON object.
    static func error(_ body: [UInt8]) -> ErrorReply? {
        guard body.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") else {
            return nil
        }
        if let reply = decodeError(body) { return reply }
        // What Tardis says is flat: with an end put to its text or to the member before the last,
        // most of it can be read, above all the code, which comes first.
        var beginnings = [body + [UInt8(ascii: "\"")]]
        // The end of a number may be missing, and nobody would see it.
        if let last = body.last, !(0x30...0x39).contains(last) { beginnings.append(body) }
        let commas = body.indices.reversed().lazy.filter { body[$0] == UInt8(ascii: ",") }
        beginnings += commas.prefix(8).map { Array(body[..<$0]) }
        return beginnings.lazy.compactMap { decodeError($0 + [UInt8(ascii: "}")]) }.first
    }

    private static func decodeError(_ body: [UInt8]) -> ErrorReply? {
        try? JSONDecoder().decode(ErrorReply.self, from: Data(body))
    }

    /// Reads `GET /exchanges`: the ids of those with datasets.
    static func exchangeIDs(_ body: [UInt8]) -> [String]? {
        struct Exchange: Decodable {
            var id: String
            var supportsDatasets: Bool?
        }
        let exchanges = try? JSONDecoder().decode([Exchange].self, from: Data(body))
        return exchanges?.filter { $0.supportsDatasets != false }.map(\.id)
            .filter(ExchangeID.isWellFormed)
    }

    /// Whether a text can be shown to people.
    static func isPrintable(_ text: String) -> Bool {
        // Almost all are ASCII.
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            || text.unicodeScalars.allSatisfy(\.isPrintable)
    }
}
