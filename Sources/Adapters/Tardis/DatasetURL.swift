// Where a dataset file is to be had, as the official client asks for it (docs.tardis.dev, CSV
// datasets). It must not know what is done with the URL.

import Curl
import Datasets

/// The URL of one dataset file.
struct DatasetURL: Hashable, CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - base: the datasets' URL without a slash at the end.
    ///   - attempt: from the second on, a query keeps caches from repeating a broken answer.
    init(_ file: DatasetFile, base: String, attempt: Int) {
        let date = file.day.description.replacing("-", with: "/")
        let folders = [file.exchange, file.dataType.name].map(PercentEncoding.encode)
        let query = attempt > 1 ? "?retryAttempt=\(attempt - 1)" : ""
        description =
            trimmingSlashes(base) + "/" + folders.joined(separator: "/")
            + "/\(date)/\(PercentEncoding.encode(file.symbol)).csv.gz\(query)"
    }
}

/// A base URL without the slashes at its end.
func trimmingSlashes(_ url: String) -> String {
    var url = url[...]
    while url.last == "/" { url.removeLast() }
    return String(url)
}
