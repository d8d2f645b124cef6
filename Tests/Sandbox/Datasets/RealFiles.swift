// Dataset files from a folder instead of generated ones. It must not know what is in them.

import Datasets
import Glibc
import Posix

/// A folder in Tardis's layout: `EXCHANGE/TYPE/YYYY/MM/DD/SYMBOL.csv.gz`.
struct RealFiles: Sendable {
    let folder: String

    /// The bytes of the file, or `nil` where the folder does not have it.
    func bytes(of file: DatasetFile) throws(SystemError) -> [UInt8]? {
        do {
            return try RealFiles.contents(of: path(of: file))
        } catch {
            if error.code == ENOENT || error.code == ENOTDIR { return nil }
            throw error
        }
    }

    /// Whether the folder has the file.
    func has(_ file: DatasetFile) -> Bool {
        access(path(of: file), R_OK) == 0
    }

    /// All bytes of the file at a path.
    static func contents(of path: String) throws(SystemError) -> [UInt8] {
        let descriptor = FileDescriptor(
            owning: try syscall("open") { open(path, O_RDONLY | O_CLOEXEC) })
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try syscall("read") { read(descriptor.number, &piece, piece.count) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: piece[..<count])
        }
    }

    private func path(of file: DatasetFile) -> String {
        let date = file.day.description.split(separator: "-").joined(separator: "/")
        return "\(folder)/\(file.exchange)/\(file.dataType.name)/\(date)/\(file.symbol).csv.gz"
    }
}
