// Why one file could not be had. It must not know which reply or error said so.

/// Why a file could not be had, for its owner and for the record.
package struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable name, such as `api_key_refused` or `gzip_damaged`.
    package var code: String
    /// What happened and what can be done about it, in a sentence. Never holds a secret.
    package var detail: String
    /// The upstream's status, where it answered.
    package var httpStatus: Int?

    /// There was no room for the file.
    package static let diskFullCode = "disk_full"

    package init(code: String, detail: String, httpStatus: Int? = nil) {
        self.code = code
        self.detail = detail
        self.httpStatus = httpStatus
    }

    package var description: String { detail }
}
