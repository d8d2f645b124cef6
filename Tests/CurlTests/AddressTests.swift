// A host name is checked by the address of its connection.

import Glibc
import TestSupport
import Testing

@testable import Curl

@Suite struct AddressTests {
    private let client = makeClient()

    @Test(.enabled(if: ownName != nil, "this machine's name has another address"))
    func `a name with a private address is refused before the request is sent`() async {
        let server = RawServer(replies: [.reply(200, "x")])
        let request = TransferRequest(url: named(server), addresses: .publicOnly())
        guard case .forbiddenAddress(let words) = await failure(of: request, by: client) else {
            Issue.record("was not refused")
            return
        }
        #expect(words.contains("127.0.0.1"))
        #expect(server.requests.isEmpty)
    }

    @Test(.enabled(if: ownName != nil, "this machine's name has another address"))
    func `an open connection to a private address serves no public-only request`()
        async throws
    {
        let server = RawServer(replies: [.reply(200, "x")])
        _ = try await client.fetch(TransferRequest(url: named(server)), bodyMaxBytes: 1)
        let request = TransferRequest(url: named(server), addresses: .publicOnly())
        guard case .forbiddenAddress = await failure(of: request, by: client) else {
            Issue.record("was not refused")
            return
        }
        #expect(server.requests.count == 1)
    }

    /// The URL of a server by the name of this machine instead of its address.
    private func named(_ server: RawServer) -> String {
        server.url.replacing("127.0.0.1", with: Self.ownName ?? "")
    }

    /// The name of this machine, if its address is 127.0.0.1 and it is not `localhost`, which is
    /// refused by name.
    private static let ownName: String? = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        var found: UnsafeMutablePointer<addrinfo>?
        guard text != "localhost", getaddrinfo(text, nil, nil, &found) == 0, let found else {
            return nil
        }
        defer { freeaddrinfo(found) }
        guard let address = found.pointee.ai_addr, found.pointee.ai_family == AF_INET else {
            return nil
        }
        let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
        }
        return number == 0x7f00_0001 ? text : nil
    }()
}
