// The size of the domain's ports: what the reader of one has to know, and a test double to do.

import Testing

@Suite struct PortTests {
    /// Requirements of a port at most, inherited ones included.
    private static let requirementsMax = 20

    private struct Port {
        var parents: [String]
        var requirements = 0
    }

    /// The protocols of the domain's ports, by name.
    private static let ports: [String: Port] = {
        var ports: [String: Port] = [:]
        let files = SourceTree.sources.filter { $0.path.hasPrefix("Sources/Domain/Jobs/Ports/") }
        for file in files {
            var name: String?
            for line in file.lines {
                if line.hasPrefix("package protocol ") {
                    let words = line.split { " :,{".contains($0) }.map(String.init)
                    name = words[2]
                    ports[words[2]] = Port(parents: Array(words.dropFirst(3)))
                } else if line == "}" {
                    name = nil
                } else if let name, line.hasPrefix("    func ") || line.hasPrefix("    var ") {
                    ports[name]?.requirements += 1
                }
            }
        }
        return ports
    }()

    @Test func `finds the ports at all`() {
        #expect(PortTests.ports.count > 8)
        #expect(PortTests.ports["JobStore"]?.parents.contains("JobReader") == true)
        #expect(PortTests.ports["KeyValueStore"]?.requirements == 2)
    }

    @Test(arguments: ports.keys.sorted())
    func `a port has few requirements, inherited ones included`(name: String) throws {
        let port = try #require(PortTests.ports[name])
        let inherited = port.parents.compactMap { PortTests.ports[$0]?.requirements }
        let count = port.requirements + inherited.reduce(0, +)
        #expect(count <= PortTests.requirementsMax, "\(name) has \(count)")
    }
}
