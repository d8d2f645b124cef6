// The sentence that tells somebody what was accepted.

import Datasets

/// Words an acceptance.
enum SubmissionMessage {
    /// Symbols named before the rest is counted.
    private static let symbolsNamed = 3

    /// What was understood, where it goes, and what was understood differently.
    static func text(
        _ request: UnderstoodRequest, to folder: String, _ knowledge: CatalogueKnowledge
    ) -> String {
        let files = Wording.counted(request.fileCount, "file")
        let symbols = Wording.listed(request.symbols, atMost: symbolsNamed)
        let days =
            request.days.count == 1
            ? "\(request.days.lowerBound)"
            : "\(request.days.lowerBound) to \(request.days.upperBound)"
        let types = request.dataTypes.map(\.name).joined(separator: ", ")
        var sentences = [
            "Download job submitted successfully: \(files) from \(request.exchange) "
                + "(\(symbols); \(types); \(days)) to \(folder)."
        ]
        sentences += request.notes.map { $0.last == "." ? $0 : $0 + "." }
        if case .unreachable = knowledge {
            sentences.append(
                "Tardis's catalogue cannot be reached at the moment; "
                    + "exchange and symbols will be checked as the job runs.")
        }
        return sentences.joined(separator: " ")
    }
}
