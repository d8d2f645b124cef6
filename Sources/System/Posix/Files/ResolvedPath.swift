// Paths with their symbolic links resolved.

import Glibc

/// Paths without links in them (realpath(3)).
package enum ResolvedPath {
    /// The number of links that the kernel follows (path_resolution(7)).
    private static let linksMax = 40

    /// The target of a path, also of a missing file: of a link to one, or in a folder behind a
    /// link. The path itself if its folder is missing.
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

    /// With its trailing slash; empty for the working folder.
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
