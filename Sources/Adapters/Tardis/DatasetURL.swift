// Where a dataset file is to be had, as the official client asks for it (tardis.md 1.1). It must
// not know what is done with the URL.

import Datasets

/// The URL of one dataset file.
struct DatasetURL: Hashable, CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - base: the datasets' URL without a slash at the end.
    ///   - attempt: from the second on, a query keeps caches from repeating a broken answer.
    init(_ file: DatasetFile, base: String, attempt: Int) {
        let date = file.day.description.replacing("-", with: "/")
        let folders = [file.exchange, file.dataType.name].map(percentEncoded)
        let query = attempt > 1 ? "?retryAttempt=\(attempt - 1)" : ""
        description =
            trimmingSlashes(base) + "/" + folders.joined(separator: "/")
            + "/\(date)/\(percentEncoded(file.symbol)).csv.gz\(query)"
    }
}

/// The text as one path segment: everything but RFC 3986's unreserved characters percent-encoded.
func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            encoded += "%" + (digits.count == 1 ? "0" : "") + digits
        }
    }
    return encoded
}

/// A base URL without the slashes at its end.
func trimmingSlashes(_ url: String) -> String {
    var url = url[...]
    while url.last == "/" { url.removeLast() }
    return String(url)
}
