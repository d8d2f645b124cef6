// Where a path leads.

import Glibc

/// Paths without links in them (realpath(3)).
package enum ResolvedPath {
    /// As many links in a row as the kernel follows (path_resolution(7)).
    private static let linksMax = 40

    /// What a path leads to, also where there is nothing yet: a link to a missing file, or a
    /// missing file in a folder that a link leads to. Itself where the folder is missing too.
    package static func of(_ path: String) -> String {
        var path = path
        for _ in 0..<linksMax {
            if let resolved = real(path) { return resolved }
            guard let target = link(at: path) else { break }
            path = target.utf8.first == UInt8(ascii: "/") ? target : folder(of: path) + target
        }
        let parent = folder(of: path)
        guard let resolved = real(parent.isEmpty ? "." : parent) else { return path }
        return (resolved == "/" ? "" : resolved) + "/" + path.dropFirst(parent.count)
    }

    /// With its slash; empty for the working folder.
    private static func folder(of path: String) -> Substring {
        path.lastIndex(of: "/").map { path[...$0] } ?? ""
    }

    private static func real(_ path: some StringProtocol) -> String? {
        guard let resolved = realpath(String(path), nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func link(at path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
