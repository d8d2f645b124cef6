// `.env` on the disk: present, missing or unusable; and the names of the machine.

import Glibc
import TestSupport
import Testing

@testable import Daemon

@Suite struct ProcessEnvironmentTests {
    let folder = TemporaryFolder()

    private func read(_ path: String) -> (text: String?, mistakes: [String]) {
        var mistakes: [String] = []
        let text = ProcessEnvironment.file(path, mistakes: &mistakes)
        return (text, mistakes)
    }

    private func make(_ bytes: [UInt8]) throws -> String {
        let path = folder.path(".env")
        let file = try #require(fopen(path, "we"))
        defer { fclose(file) }
        try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        return path
    }

    @Test func `a file is read to its end`() throws {
        let text = String(repeating: "A=é\n", count: 50_000)
        let found = read(try make(Array(text.utf8)))
        #expect(found.text == text)
        #expect(found.mistakes.isEmpty)
    }

    @Test func `no file is no mistake`() {
        let found = read(folder.path("missing"))
        #expect(found.text == nil)
        #expect(found.mistakes.isEmpty)
    }

    @Test func `a file that cannot be read is a mistake, not silence`() {
        let found = read(folder.path)
        #expect(found.text == nil)
        #expect(found.mistakes == [".env: cannot be read: Is a directory"])
    }

    @Test func `a file that is no text is a mistake`() throws {
        let found = read(try make(Array("API_TOKEN=".utf8) + [0xFF, 0xFE]))
        #expect(found.text == nil)
        #expect(found.mistakes == [".env: is not UTF-8 text"])
    }

    @Test func `a file too large for a configuration is a mistake`() throws {
        let found = read(try make([UInt8](repeating: 0x23, count: 1 << 20 | 1)))
        #expect(found.mistakes.count == 1)
    }
}

@Suite struct MachineNamesTests {
    @Test func `the other names on the line of the host are aliases`() {
        let table = """
            127.0.0.1 localhost
            # 10.0.0.1 data-server old.example.org
            10.0.0.7\tdata-server.example.org  data-server # 10.0.0.8 other
            10.0.0.8 other.example.org other data-server2
            """
        #expect(
            MachineNames.aliases(of: "data-server", in: table)
                == ["data-server.example.org", "data-server"])
        #expect(MachineNames.aliases(of: "nobody", in: table).isEmpty)
        #expect(!MachineNames.all.isEmpty)
    }
}
