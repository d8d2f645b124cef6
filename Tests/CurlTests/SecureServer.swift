// A TLS server with a certificate of its own making, by the openssl command line.

import Glibc
import TestSupport

/// Serves TLS on 127.0.0.1 until it is released.
final class SecureServer: Sendable {
    private static let program = "/usr/bin/openssl"

    /// Whether openssl is installed; tests that need it are skipped otherwise.
    static var isAvailable: Bool { access(program, X_OK) == 0 }

    let port: Int
    /// The certificate, as trusted authority of itself.
    let certificateFile: String
    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// - Parameter name: what the certificate is for, such as `DNS:localhost`.
    init?(name: String) async throws {
        let folder = TemporaryFolder()
        let (key, certificate) = (folder.path("key.pem"), folder.path("certificate.pem"))
        let maker = try ChildProcess(
            SecureServer.program,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-subj", "/CN=test", "-addext", "subjectAltName=\(name)",
                "-days", "2", "-keyout", key, "-out", certificate,
            ])
        guard await maker.waitForExit() == 0 else { return nil }
        let process = try ChildProcess(
            SecureServer.program,
            ["s_server", "-accept", "127.0.0.1:0", "-www", "-key", key, "-cert", certificate])
        _ = await eventually { SecureServer.port(in: process.output) != nil }
        guard let port = SecureServer.port(in: process.output) else { return nil }
        self.port = port
        self.folder = folder
        self.process = process
        certificateFile = certificate
    }

    deinit {
        process.send(SIGKILL)
    }

    /// From the line `ACCEPT 127.0.0.1:PORT`.
    private static func port(in output: String) -> Int? {
        let line = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .first { $0.hasPrefix("ACCEPT ") }
        return line?.split(separator: ":").last.flatMap { Int($0) }
    }
}
