// The proof of one dataset file, gathered while its bytes pass by once: size, SHA-256, gzip, CSV.
// The same for a transfer and for a file on disk. It must not know which of the two it sees.

import Crypto
import Datasets
import Gzip
import Jobs

/// Why bytes are not the file.
struct Refusal: Error, Equatable {
    var failure: FileFailure
    /// Of bytes that are a whole gzip, right to its last checksum: nothing has happened to them on
    /// their way.
    var sha256: String?
}

/// Reads the compressed bytes of a file, in any cuts, and says what they are. Not thread-safe.
struct DatasetProof: ~Copyable {
    /// Compressed bytes taken so far.
    private(set) var bytes: Int64 = 0

    private let file: DatasetFile
    private let fileBytesMax: Int64
    private let inflater: GzipInflater
    private var hash = SHA256()
    private var check: RowCheck
    /// The beginning of the file, to say what it is where it is no gzip.
    private var beginning: [UInt8] = []

    private static let beginningBytes = 64

    init(of file: DatasetFile, fileBytesMax: Int64, gzipLimits: GzipLimits) {
        self.file = file
        self.fileBytesMax = fileBytesMax
        inflater = GzipInflater(limits: gzipLimits)
        check = RowCheck(of: file)
    }

    /// What is wrong with the text so far. More may be taken all the same, to find out whether that
    /// came about on the way, or is what was sent.
    var flaw: FileFailure? { check.failure }

    /// Takes the next bytes.
    ///
    /// - Throws: what is wrong with them as a gzip. Nothing may be taken after it.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
        self.bytes += Int64(bytes.count)
        guard self.bytes <= fileBytesMax else {
            throw refusal("too_large", "is larger than \(fileBytesMax) bytes")
        }
        if beginning.count < Self.beginningBytes {
            beginning.append(contentsOf: bytes.prefix(Self.beginningBytes - beginning.count))
        }
        hash.update(bufferPointer: bytes)
        do {
            try inflater.inflate(bytes) { piece in
                check.take(piece, ofMember: inflater.members)
            }
        } catch {
            // What is wrong with the rows came out before whatever is wrong with the gzip; and what
            // is found must not depend on how the bytes were cut.
            if let failure = check.failure { throw failure }
            throw refusal(for: error)
        }
    }

    /// Says that the file is complete.
    ///
    /// - Throws: what is wrong with it.
    consuming func finish() throws(Refusal) -> FileProof {
        do {
            try inflater.finish()
        } catch {
            throw Refusal(failure: check.failure ?? refusal(for: error))
        }
        check.finish()
        let sha256 = hexadecimal(hash.finalize())
        if let failure = check.failure { throw Refusal(failure: failure, sha256: sha256) }
        return FileProof(
            bytes: bytes, rows: check.rows, firstTimestamp: check.firstTimestamp,
            lastTimestamp: check.lastTimestamp, sha256: sha256)
    }

    private func refusal(for error: GzipError) -> FileFailure {
        switch error {
        case .notGzip where firstOfBeginning == UInt8(ascii: "<"):
            FileFailure(
                code: "web_page",
                detail: "A web page came in place of \(file.name): a proxy, a firewall, a login "
                    + "page or Cloudflare stands in between.")
        case .notGzip:
            refusal("not_gzip", "is \(kindOfBeginning), not gzip")
        case .damaged(let offset):
            refusal("gzip_damaged", "is a damaged gzip (near byte \(offset))")
        case .checksumWrong:
            refusal("gzip_damaged", "is a damaged gzip: its checksum is wrong")
        case .truncated:
            refusal("gzip_truncated", "is a gzip that ends too early, after \(bytes) bytes")
        case .trailingBytes(let offset):
            refusal("gzip_damaged", "has bytes behind the end of its gzip, at byte \(offset)")
        case .hollow(let compressed):
            refusal("gzip_damaged", "is \(compressed) bytes of gzip with hardly anything in them")
        case .tooLarge(let expanded):
            refusal("too_large", "expands to more than it may (\(expanded) bytes and going on)")
        }
    }

    private func refusal(_ code: String, _ flaw: String) -> FileFailure {
        FileFailure(code: code, detail: "What Tardis sent for \(file.name) \(flaw).")
    }

    /// Behind blanks and the mark of UTF-8.
    private var firstOfBeginning: UInt8? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = beginning.starts(with: mark) ? beginning.dropFirst(mark.count) : beginning[...]
        return text.first { !" \t\r\n".utf8.contains($0) }
    }

    private var kindOfBeginning: String {
        switch firstOfBeginning {
        case nil: "empty"
        case UInt8(ascii: "{"), UInt8(ascii: "["): "JSON"
        default: "something else"
        }
    }
}

/// Two lower-case digits per byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
