// Every JSON that Tardis answers, read in one place. It must not know what the answers mean.

import Datasets
import FoundationEssentials

/// Decodes Tardis's JSON.
enum JSONReplies {
    /// The body of an answer that is an error.
    struct ErrorReply: Decodable {
        var code: Int?
        var message: String?
        var retryAfterSeconds: Int?

        private enum CodingKeys: String, CodingKey {
            case code, message, retryAfterSeconds
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            // A member of another type than expected must not hide the others.
            code = try? values.decode(Int.self, forKey: .code)
            message = try? values.decode(String.self, forKey: .message)
            retryAfterSeconds = try? values.decode(Int.self, forKey: .retryAfterSeconds)
        }
    }

    /// Reads an error body; `nil` if it is no JSON object.
    static func error(_ body: [UInt8]) -> ErrorReply? {
        guard body.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") else {
            return nil
        }
        return try? JSONDecoder().decode(ErrorReply.self, from: Data(body))
    }

    /// Reads `GET /exchanges`: the ids of those with datasets.
    static func exchangeIDs(_ body: [UInt8]) -> [String]? {
        struct Exchange: Decodable {
            var id: String
            var supportsDatasets: Bool?
        }
        let exchanges = try? JSONDecoder().decode([Exchange].self, from: Data(body))
        return exchanges?.filter { $0.supportsDatasets != false }.map(\.id)
    }

    /// Reads `GET /exchanges/{exchange}`; `nil` if it is not such an answer.
    static func catalogue(_ body: [UInt8], of exchange: String) -> ExchangeCatalogue? {
        struct Exchange: Decodable {
            var id: String
            var datasets: Datasets?
        }
        struct Datasets: Decodable {
            var exportedUntil: String?
            var symbols: [Symbol]
        }
        struct Symbol: Decodable {
            var id: String
            var dataTypes: [String]?
            var availableSince: String
            var availableTo: String?
        }
        guard let reply = try? JSONDecoder().decode(Exchange.self, from: Data(body)) else {
            return nil
        }
        // Some exchanges have 250,000 symbols and few different sets of data types: each set is
        // kept once.
        var sets: [[String]: [String]] = [:]
        let symbols = (reply.datasets?.symbols ?? []).compactMap { symbol -> CatalogueSymbol? in
            guard let since = Timestamp(symbol.availableSince)?.day else { return nil }
            let types = symbol.dataTypes ?? []
            let shared = sets[types] ?? types
            sets[types] = shared
            return CatalogueSymbol(
                id: symbol.id, dataTypes: shared, availableSince: since,
                availableTo: symbol.availableTo.flatMap(exclusiveDay))
        }
        return ExchangeCatalogue(
            exchange: exchange, symbols: symbols,
            exportedUntil: reply.datasets?.exportedUntil.flatMap(exclusiveDay))
    }

    /// The first day that lies wholly at or after the moment: an upper bound in the middle of a day
    /// leaves that day some data.
    private static func exclusiveDay(_ text: String) -> Day? {
        guard let moment = Timestamp(text) else { return nil }
        return moment == moment.day.start ? moment.day : moment.day.advanced(by: 1)
    }
}
