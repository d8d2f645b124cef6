// Variables that were probably meant for the service, and are none of its own.

import Datasets

/// Finds names that look like a variable of the service: one in which a letter is wrong leaves the
/// service open, or without a key, in silence.
enum MisspeltNames {
    /// Variables of the client, of Compose and of curl, beside which the service runs.
    private static let others: Set<String> = [
        "DOWNLOAD_SERVICE_URL", "SERVICE_USER", "DATA_VOLUME", "DATASETS_VOLUME", "LOGS_VOLUME",
        "BACKUPS_VOLUME", "API_ADDRESS", "NO_PROXY",
    ]
    /// More would hide the rest of the log's beginning.
    private static let warningsMax = 20

    /// A sentence for each name that looks like one of the known ones; values never stand there.
    static func warnings(given: some Sequence<String>, known: Set<String>) -> [String] {
        let unknown = Set(given).subtracting(known).subtracting(others)
        return unknown.sorted().lazy.compactMap { name in
            nearest(to: name, in: known.union(others)).map { right in
                "\(name) is set, but there is no such variable. Did you mean \(right)?"
            }
        }.prefix(warningsMax).map(\.self)
    }

    /// The known name that this one looks like.
    private static func nearest(to name: String, in known: Set<String>) -> String? {
        let folded = fold(name)
        guard (4...64).contains(folded.count) else { return nil }
        let slipsMax = folded.count < 7 ? 1 : 2
        let misspelt = known.sorted().compactMap { candidate in
            EditDistance.between(folded, fold(candidate), atMost: slipsMax).map {
                (slips: $0, name: candidate)
            }
        }.min { $0.slips < $1.slips }
        return misspelt?.name ?? known.sorted().first { hasWords(of: name, $0) }
    }

    /// Whether one name is the other with a word left out, as `TARDIS_KEY`, or put before it, as
    /// `TARDIS_DATABASE_URL`.
    private static func hasWords(of name: String, _ known: String) -> Bool {
        if ["TARDIS_", "X_", "DOWNLOAD_SERVICE_", "SERVICE_"].contains(where: { name == $0 + known }
        ) {
            return true
        }
        let words = Set(name.split(separator: "_"))
        return words.count >= 2 && words.isStrictSubset(of: Set(known.split(separator: "_")))
    }

    private static func fold(_ name: String) -> [UInt8] {
        name.uppercased().utf8.filter { ![UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0) }
    }
}
