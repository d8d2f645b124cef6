// Where a path leads. It must not know what is there.

import Glibc

/// Paths without links in them (realpath(3)).
package enum ResolvedPath {
    /// What a path leads to; itself where there is nothing yet.
    package static func of(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
