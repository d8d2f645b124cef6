// A temporary folder for one test.

import Glibc
import TestSupport

@testable import Posix

struct Scratch {
    private let folder = TemporaryFolder()

    var path: String { folder.path }
    /// The names in the folder, sorted.
    var names: [String] { folder.names() }

    func root(_ resolution: ConfinedFolder.Resolution? = nil) throws -> ConfinedFolder {
        try ConfinedFolder(root: path, creating: false, resolution: resolution)
    }

    func link(_ name: String, to target: String) {
        symlink(target, "\(path)/\(name)")
    }

    func write(_ name: String, _ text: String) {
        guard let file = fopen("\(path)/\(name)", "we") else { return }
        fputs(text, file)
        fclose(file)
    }

    func read(_ name: String) -> String? {
        guard let file = fopen("\(path)/\(name)", "re") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    func mode(of name: String) -> mode_t? {
        var status = stat()
        return lstat("\(path)/\(name)", &status) == 0 ? status.st_mode : nil
    }
}
