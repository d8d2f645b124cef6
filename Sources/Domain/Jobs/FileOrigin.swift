// Where the bytes of a published file came from.

/// How a published file was had. The names are part of the API.
package enum FileOrigin: String, CaseIterable, Hashable, Sendable {
    /// Fetched from Tardis.
    case upstream
    /// It stood under its name already, and was proven from disk.
    case disk
    /// Another job had put it elsewhere below the data root: linked or copied from there.
    case link
}
