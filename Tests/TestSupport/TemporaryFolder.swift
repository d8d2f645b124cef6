// The folders and files of tests: temporary ones, and the project itself.

import Glibc

/// A new folder under /tmp, removed with its content when released.
package final class TemporaryFolder: Sendable {
    /// Absolute, without a slash at the end.
    package let path: String

    package init() {
        var template = Array("/tmp/download-service-test-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
        precondition(made, "no temporary folder")
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit {
        TemporaryFolder.remove(path)
    }

    /// The path of something in the folder.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The names in the folder, or in a folder below it, sorted; empty when there is none.
    package func names(in folder: String = "") -> [String] {
        TemporaryFolder.names(in: folder.isEmpty ? path : self.path(folder)).sorted()
    }

    /// The paths of all files below a folder, sorted.
    package static func tree(_ folder: String) -> [String] {
        names(in: folder).flatMap { name -> [String] in
            var status = stat()
            let isFolder =
                lstat("\(folder)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            return isFolder ? tree("\(folder)/\(name)").map { "\(name)/\($0)" } : [name]
        }.sorted()
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Symbolic links are removed, not followed.
    private static func remove(_ path: String) {
        guard unlink(path) != 0 else { return }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}

/// The bytes of a file, `nil` where it cannot be read.
package func readFile(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        guard count > 0 else { return bytes }
        bytes += buffer[..<count]
    }
}

/// Replaces the content of a file.
package func writeFile(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "we") else { preconditionFailure("\(path) cannot be written") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

/// The project's own folders.
package enum ProjectFolder {
    /// The project's root.
    package static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/")
    }()

    /// A folder of reference material beside the project; a clone does not have it.
    package static func shared(_ name: String) -> String {
        root.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/shared/" + name
    }
}
