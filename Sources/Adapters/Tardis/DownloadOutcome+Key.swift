// Keeps the API key out of everything that is said of a file: whoever was sent it may send it back,
// in a row, a header or the name of a host. Pure.

import Jobs

extension DownloadOutcome {
    /// So much of a key's beginning counts as the key: texts are cut before they come here.
    private static let tellingCharacters = 6

    /// The same without the API key in its words.
    func without(apiKey: String?) -> DownloadOutcome {
        guard let apiKey, !apiKey.isEmpty else { return self }
        func told(_ failure: FileFailure) -> FileFailure {
            var failure = failure
            let least = min(Self.tellingCharacters, apiKey.count)
            for length in stride(from: apiKey.count, through: least, by: -1) {
                failure.detail = failure.detail.replacing(apiKey.prefix(length), with: "[key]")
            }
            return failure
        }
        switch self {
        case .published, .interrupted: return self
        case .unavailable(let failure): return .unavailable(told(failure))
        case .failed(let failure): return .failed(told(failure))
        case .retry(let wait, let failure): return .retry(after: wait, told(failure))
        case .stopJob(let failure): return .stopJob(told(failure))
        case .awaitRoom(let bytes, let failure):
            return .awaitRoom(neededBytes: bytes, told(failure))
        case .parkUpstream(let wait, let failure): return .parkUpstream(for: wait, told(failure))
        }
    }
}
