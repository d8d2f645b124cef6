// A folder of a test's own, removed with it.

import Glibc

@testable import Posix

final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/posix-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError(call: "mkdtemp", code: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        nftw(path, { name, _, _, _ in remove(name) }, 16, FTW_DEPTH | FTW_PHYS)
    }

    func root(_ resolution: ConfinedFolder.Resolution? = nil) throws -> ConfinedFolder {
        try ConfinedFolder(root: path, creating: false, resolution: resolution)
    }

    func link(_ name: String, to target: String) {
        symlink(target, "\(path)/\(name)")
    }

    func write(_ name: String, _ text: String) {
        guard let file = fopen("\(path)/\(name)", "w") else { return }
        fputs(text, file)
        fclose(file)
    }

    func read(_ name: String) -> String? {
        guard let file = fopen("\(path)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    func mode(of name: String) -> mode_t? {
        var status = stat()
        return lstat("\(path)/\(name)", &status) == 0 ? status.st_mode : nil
    }

    /// What is in the folder, sorted.
    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
