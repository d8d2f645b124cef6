// Whom the client trusts: a certificate that is known and made for the host, nothing else.

import Curl
import Testing

@Suite(.enabled(if: SecureServer.isAvailable))
struct CertificateTests {
    private func makeClient(trusting file: String?) -> CurlClient {
        CurlClient(settings: CurlSettings(usesEnvironmentProxy: false, certificateFile: file))
    }

    private func isTLSError(_ error: CurlError?) -> Bool {
        if case .tls = error { return true }
        return false
    }

    @Test func `a certificate that is trusted and made for the host is taken`() async throws {
        let server = try #require(try await SecureServer(name: "IP:127.0.0.1"))
        let (head, _) = try await makeClient(trusting: server.certificateFile).fetch(
            TransferRequest(url: "https://127.0.0.1:\(server.port)/", schemes: ["https"]),
            bodyMaxBytes: 100_000)
        #expect(head.status == 200)
    }

    @Test func `a certificate that nobody vouches for is refused`() async throws {
        let server = try #require(try await SecureServer(name: "IP:127.0.0.1"))
        let request = TransferRequest(url: "https://127.0.0.1:\(server.port)/")
        let error = await failure(of: request, by: makeClient(trusting: nil))
        #expect(isTLSError(error), "\(String(describing: error))")
    }

    @Test func `a certificate for another host is refused`() async throws {
        let server = try #require(try await SecureServer(name: "DNS:elsewhere.example"))
        let request = TransferRequest(url: "https://127.0.0.1:\(server.port)/")
        let error = await failure(
            of: request, by: makeClient(trusting: server.certificateFile))
        #expect(isTLSError(error), "\(String(describing: error))")
    }
}
