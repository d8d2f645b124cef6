// The names of this machine, as far as it knows them without asking a name server.

import Glibc

/// What the machine is called.
enum MachineNames {
    /// Its host name, and the names that `/etc/hosts` has beside it.
    static var all: [String] {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return [] }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self)
        var mistakes: [String] = []
        let table = ProcessEnvironment.file("/etc/hosts", mistakes: &mistakes) ?? ""
        return [name] + aliases(of: name, in: table)
    }

    /// The names that stand in one line with a name (hosts(5)).
    static func aliases(of name: String, in table: String) -> [String] {
        table.split(whereSeparator: \.isNewline).flatMap { line -> [String] in
            let names = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.dropFirst()
            return names.contains { $0 == name } ? names.map(String.init) : []
        }
    }
}
