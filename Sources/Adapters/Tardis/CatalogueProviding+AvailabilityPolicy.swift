// What the catalogue makes of a file that Tardis does not have. It must not know how Tardis put it.

import Datasets
import Jobs

extension CatalogueProviding {
    /// What the catalogue says about a file that Tardis does not have; `nil` where it says nothing.
    func outcome(ofMissing file: DatasetFile, _ failure: FileFailure) async -> DownloadOutcome? {
        let knowledge = await knowledge(of: file.exchange)
        guard let known = knowledge.catalogue else { return nil }
        let entry = known.symbol(file.symbol)
        let verdict = AvailabilityPolicy(
            exchange: file.exchange, exportedUntil: known.exportedUntil
        )
        .verdict(on: file, entry: entry)
        guard var reason = verdict.failure else { return nil }
        reason.httpStatus = failure.httpStatus
        return verdict.state == .unavailable ? .unavailable(reason) : .failed(reason)
    }
}
