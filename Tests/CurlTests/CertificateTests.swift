// Trust: only in certificates of a known authority, made for the host.

import Curl
import TestSupport
import Testing

@Suite(.enabled(if: SecureServer.isAvailable))
struct CertificateTests {
    private func makeClient(trusting file: String?) -> CurlClient {
        CurlClient(
            settings: CurlSettings(
                usesEnvironmentProxy: false, trust: CertificateTrust(file: file)))
    }

    private func isTLSError(_ error: CurlError?) -> Bool {
        if case .tls = error { return true }
        return false
    }

    @Test func `a trusted certificate for the host is accepted`() async throws {
        let server = try #require(try await SecureServer(name: "IP:127.0.0.1"))
        let (head, _) = try await makeClient(trusting: server.certificateFile).fetch(
            TransferRequest(url: "https://127.0.0.1:\(server.port)/", schemes: ["https"]),
            bodyMaxBytes: 100_000)
        #expect(head.status == 200)
    }

    @Test func `a certificate of an unknown authority is refused`() async throws {
        let server = try #require(try await SecureServer(name: "IP:127.0.0.1"))
        let request = TransferRequest(url: "https://127.0.0.1:\(server.port)/")
        let error = await failure(of: request, by: makeClient(trusting: nil))
        #expect(isTLSError(error), "\(String(describing: error))")
    }

    @Test func `the error of an unknown authority names the settings, that of plain HTTP does not`()
        async throws
    {
        let server = try #require(try await SecureServer(name: "IP:127.0.0.1"))
        let request = TransferRequest(url: "https://127.0.0.1:\(server.port)/")
        let words = "\(try #require(await failure(of: request, by: makeClient(trusting: nil))))"
        #expect(words.contains("TLS_CA_FILE"), "\(words)")
        #expect(words.contains("SSL_CERT_FILE"), "\(words)")
        #expect(!words.contains("http://"), "\(words)")
        let advice = CertificateTrust.advice(on: "SSL routines::wrong version number")
        #expect(advice.contains("http://"))
        #expect(!advice.contains("TLS_CA_FILE"))
    }

    @Test func `finds unusable files and folders of certificates`() async throws {
        let server = try #require(try await SecureServer(name: "IP:127.0.0.1"))
        #expect(CertificateTrust.problem(ofFile: server.certificateFile) == nil)
        let folder = TemporaryFolder()
        let file = folder.path("ca.pem")
        for content in [
            "", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "DER: 0\u{82}",
            "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
            "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n",
        ] {
            writeFile(Array(content.utf8), to: file)
            #expect(CertificateTrust.problem(ofFile: file)?.contains(file) == true, "\(content)")
        }
        #expect(CertificateTrust.problem(ofFile: folder.path("none"))?.contains("No such") == true)
        #expect(CertificateTrust.problem(ofFolders: folder.path) != nil)
        #expect(CertificateTrust.problem(ofFolders: folder.path("none")) != nil)
        writeFile([], to: folder.path("1a2b3c4d.0"))
        #expect(CertificateTrust.problem(ofFolders: folder.path) == nil)
        var found: [String] = []
        let variables = ["SSL_CERT_FILE": file, "TLS_CA_FILE": server.certificateFile]
        let trust = CertificateTrust(variable: { variables[$0] }, report: { found.append($0 + $1) })
        #expect(trust.file == server.certificateFile)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("SSL_CERT_FILE") == true)
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST.", true), ("a.localhost", true), ("127.0.0.1", true),
        ("127.9.9.9", true), ("127.1", true), ("2130706433", true), ("0.0.0.0", true),
        ("[::1]", true), ("[::]", true), ("[::ffff:127.0.0.1]", true), ("ip6-localhost", true),
        ("[0:0:0:0:0:0:0:1]", true), ("localhost.example", false), ("10.0.0.1", false),
        ("[fe80::1%25eth0]", false), ("127.example", false), ("example.com", false), ("", false),
    ])
    func `distinguishes hosts on loopback from others`(host: String, isLoopback: Bool) {
        #expect(LoopbackHost.contains(host) == isLoopback)
    }

    @Test func `a certificate for another host is refused`() async throws {
        let server = try #require(try await SecureServer(name: "DNS:elsewhere.example"))
        let request = TransferRequest(url: "https://127.0.0.1:\(server.port)/")
        let error = await failure(
            of: request, by: makeClient(trusting: server.certificateFile))
        #expect(isTLSError(error), "\(String(describing: error))")
    }
}
