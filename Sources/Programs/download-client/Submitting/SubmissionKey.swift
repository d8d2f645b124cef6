// The key that makes sending a submission twice harmless. It must not know how it is sent.

import Posix

/// Makes and checks keys.
enum SubmissionKey {
    /// The service takes no longer ones.
    static let charactersMax = 255

    /// A key that nobody has used: 128 random bits.
    static func random() -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes.withUnsafeMutableBytes { RandomBytes.fill($0) }
        return bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The key that was given on the command line.
    ///
    /// - Throws: ``UsageMistake`` where the service would not take it.
    static func checked(_ key: String) throws(UsageMistake) -> String {
        let isPrintable = key.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard isPrintable, (1...charactersMax).contains(key.utf8.count) else {
            throw UsageMistake(
                message: "--idempotency-key takes 1 to \(charactersMax) printable ASCII characters")
        }
        return key
    }
}
