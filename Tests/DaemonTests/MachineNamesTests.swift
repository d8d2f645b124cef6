// What the machine calls itself.

import Testing

@testable import Daemon

@Suite struct MachineNamesTests {
    @Test func `names beside the host's own in the table are the machine's`() {
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
