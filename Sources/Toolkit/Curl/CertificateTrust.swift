// The certificates trusted besides the system's, named by OpenSSL's variables.

import Glibc
import Posix

/// Certificates of authorities that a connection may be verified by.
package struct CertificateTrust: Hashable, Sendable {
    /// A file of certificates (PEM) in place of the system's file; its folder of certificates
    /// (`/etc/ssl/certs`) is trusted as well.
    package var file: String?
    /// Folders, with colons between them, of certificates whose names are hashes
    /// (`openssl rehash`), in place of the system's folder.
    package var folders: String?

    /// 16 MiB; a system's whole collection has a quarter of a megabyte.
    private static let fileBytesMax = 16 << 20

    package init(file: String? = nil, folders: String? = nil) {
        self.file = file
        self.folders = folders
    }

    /// Why a file cannot be used, as the end of a sentence that begins with the name of its
    /// variable; `nil` if it holds certificates.
    package static func problem(ofFile path: String) -> String? {
        let bytes: [UInt8]
        do {
            bytes = try FileContent.of(path, atMost: fileBytesMax)
        } catch {
            return "the file \(path) cannot be read: \(error.reason)"
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let beginning = lines.firstIndex { line in
            line.hasPrefix("-----BEGIN ") && line.hasSuffix("CERTIFICATE-----")
        }
        let end = lines.lastIndex { $0.hasPrefix("-----END ") && $0.hasSuffix("CERTIFICATE-----") }
        guard let beginning, let end, beginning + 1 < end,
            // Base64 of a SEQUENCE (0x30), which every certificate is.
            lines[beginning + 1].hasPrefix("M"),
            lines[beginning + 1].utf8.allSatisfy(isBase64)
        else {
            return "the file \(path) holds no certificate (PEM, -----BEGIN CERTIFICATE-----)"
        }
        return nil
    }

    /// As ``problem(ofFile:)``, for folders with colons between them.
    package static func problem(ofFolders paths: String) -> String? {
        var hasCertificate = false
        for path in paths.split(separator: ":").map(String.init) {
            do {
                let names = try ConfinedFolder(root: path, creating: false).names
                hasCertificate = hasCertificate || names.contains(where: isHash)
            } catch {
                return "the folder \(path) cannot be read: \(error.reason)"
            }
        }
        return hasCertificate
            ? nil : "\(paths) holds no certificate under the name of its hash: run openssl rehash"
    }

    /// `1a2b3c4d.0`, as OpenSSL looks certificates up.
    private static func isHash(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].count == 8 && parts[0].allSatisfy(\.isHexDigit)
            && Int(parts[1]) != nil
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
            || "+/=".utf8.contains(byte)
    }
}

extension CertificateTrust {
    /// The variables that name certificates: ours, then OpenSSL's.
    private static let fileNames = ["TLS_CA_FILE", "SSL_CERT_FILE"]
    private static let foldersName = "SSL_CERT_DIR"

    /// The certificates that the variables name; of the files, the first one that is set.
    ///
    /// - Parameter report: receives the name of a variable and the problem of its value.
    package init(
        variable: (String) -> String?, report: (_ name: String, _ problem: String) -> Void
    ) {
        for name in CertificateTrust.fileNames {
            guard let path = variable(name) else { continue }
            if let problem = CertificateTrust.problem(ofFile: path) { report(name, problem) }
            file = file ?? path
        }
        guard let paths = variable(CertificateTrust.foldersName) else { return }
        if let problem = CertificateTrust.problem(ofFolders: paths) {
            report(CertificateTrust.foldersName, problem)
        }
        folders = paths
    }

    /// What to do about an untrusted connection, from OpenSSL's words; without a full stop.
    package static func advice(on words: String) -> String {
        func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
        if says(
            "wrong version number", "packet length too long", "unknown protocol", "http request")
        {
            return "What answers there does not speak TLS: check whether the URL should begin with "
                + "http://"
        }
        if says("expired", "not yet valid") {
            return "Check the clock of this machine, and until when the certificate is valid"
        }
        if says("subject name", "does not match", "no alternative") {
            return "The certificate was made for another host: check the URL"
        }
        return
            "Where a CA of your own has signed the certificate, set TLS_CA_FILE or SSL_CERT_FILE "
            + "(or SSL_CERT_DIR) to that CA's certificate"
    }
}
