// Verifies one dataset file in a single pass over its bytes: size, SHA-256, gzip, CSV. The same for
// a transfer and for a file on disk.

import Bytes
import Crypto
import Datasets
import Gzip
import Jobs

/// Why bytes are not the file.
struct Refusal: Error, Equatable {
    var failure: FileFailure
    /// Of a whole gzip with the right checksum, which was not damaged in transit; otherwise `nil`.
    var content: RefusedContent?
}

/// The text of a whole file that was refused. Tardis may compress the same text anew, so its gzip
/// may have other bytes each time.
struct RefusedContent: Hashable {
    let crc32: UInt32
    let bytes: Int64

    /// For messages, by which it is known again after a restart.
    var description: String {
        let checksum = String(crc32, radix: 16)
        let zeros = String(repeating: "0", count: 8 - checksum.count)
        return "\(bytes) bytes inflated, CRC-32 \(zeros)\(checksum)"
    }
}

/// Reads the compressed bytes of a file, cut anywhere. Not thread-safe.
struct DatasetVerifier: ~Copyable {
    /// Compressed bytes taken so far.
    private(set) var bytes: Int64 = 0

    private let file: DatasetFile
    private let fileBytesMax: Int64
    private let inflater: GzipInflater
    private var hash = SHA256()
    private var validator: CSVValidator
    /// The beginning of the file, to name its format if it is no gzip.
    private var beginning: [UInt8] = []
    /// The beginning of the inflated text.
    private var text: [UInt8] = []
    /// Whether the response's head calls it a web page.
    private let claimsWebPage: Bool

    private static let beginningBytes = 64
    /// RFC 1952 §2.3.1.
    private static let gzipStart: UInt8 = 0x1F
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// A page begins with spaces at times.
    private static let textBytes = 512

    init(
        of file: DatasetFile, fileBytesMax: Int64, gzipLimits: GzipLimits,
        claimsWebPage: Bool = false
    ) {
        self.file = file
        self.claimsWebPage = claimsWebPage
        self.fileBytesMax = fileBytesMax
        inflater = GzipInflater(limits: gzipLimits)
        validator = CSVValidator(of: file)
    }

    /// What is wrong with the text so far. More bytes may follow, to find out whether the file was
    /// damaged in transit or sent like that.
    var flaw: FileFailure? { validator.failure.map { isPage($0) ? webPage : $0 } }

    /// Takes the next bytes.
    ///
    /// - Throws: what is wrong with them as a gzip; no bytes may follow.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
        self.bytes += Int64(bytes.count)
        guard self.bytes <= fileBytesMax else {
            throw refusal("too_large", "is larger than \(fileBytesMax) bytes")
        }
        if beginning.count < Self.beginningBytes {
            beginning.append(contentsOf: bytes.prefix(Self.beginningBytes - beginning.count))
        }
        if let first = beginning.first, first != Self.gzipStart {
            // The format shows after leading spaces, independent of how the bytes were cut.
            let mayTell = beginning.count < Self.beginningBytes && Self.isBlank(beginning)
            guard !mayTell else { return }
            throw refusal(for: .notGzip)
        }
        hash.update(bufferPointer: bytes)
        do {
            try inflater.inflate(bytes) { piece in
                if text.count < Self.textBytes {
                    text.append(contentsOf: piece.prefix(Self.textBytes - text.count))
                }
                validator.take(piece, ofMember: inflater.members)
            }
        } catch {
            // The error in the rows comes first, so that the result does not depend on how the
            // bytes were cut.
            throw flaw ?? refusal(for: error)
        }
    }

    /// Verifies the complete file.
    ///
    /// - Throws: what is wrong with it.
    consuming func finish() throws(Refusal) -> FileChecksum {
        do {
            try inflater.finish()
        } catch {
            throw Refusal(failure: flaw ?? refusal(for: error))
        }
        validator.finish()
        // A web page is never Tardis's file, even if the same one arrives twice.
        if let failure = validator.failure, isPage(failure) { throw Refusal(failure: webPage) }
        // Nor is a block page in words or JSON that a proxy has compressed.
        if var failure = validator.failure, failure.code == "csv_header_wrong", !isCSV {
            failure.detail += " A proxy may have answered. \(Reply.noVerdict)"
            throw Refusal(failure: failure)
        }
        if let failure = validator.failure {
            throw Refusal(
                failure: failure,
                content: RefusedContent(
                    crc32: inflater.contentCRC32, bytes: inflater.expandedBytes))
        }
        return FileChecksum(
            bytes: bytes, rows: validator.rows, firstTimestamp: validator.firstTimestamp,
            lastTimestamp: validator.lastTimestamp, sha256: Hexadecimal.text(hash.finalize()))
    }

    private func refusal(for error: GzipError) -> FileFailure {
        switch error {
        case .notGzip where claimsWebPage || Self.isMarkup(beginning):
            webPage
        case .notGzip:
            FileFailure(
                code: "not_gzip",
                detail:
                    "What came in place of \(file.name) is \(kindOfBeginning), not gzip: a proxy "
                    + "may have answered. \(Reply.noVerdict)")
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

    /// Whether text without a dataset's header is a web page, compressed in transit or served as
    /// the file itself.
    private func isPage(_ failure: FileFailure) -> Bool {
        failure.code == "csv_header_wrong" && (claimsWebPage || Self.isMarkup(text))
    }

    /// Whether the text begins with a line of names or values and commas, as a dataset of any kind
    /// does.
    private var isCSV: Bool {
        let line = text.prefix { $0 != Newlines.lineFeed }
        return line.contains(UInt8(ascii: ","))
            && line.allSatisfy { (0x21...0x7E).contains($0) && !"{}<>\"".utf8.contains($0) }
    }

    private var webPage: FileFailure {
        FileFailure(
            code: Reply.webPageCode, detail: "\(Reply.webPageMessage) (HTTP 200, for \(file.name))",
            httpStatus: 200)
    }

    /// Whether text begins with a tag, after a byte order mark and spaces.
    private static func isMarkup(_ text: [UInt8]) -> Bool {
        withoutMark(text).first { !isSpace($0) } == UInt8(ascii: "<")
    }

    private static func isBlank(_ text: [UInt8]) -> Bool {
        byteOrderMark.starts(with: text) || withoutMark(text).allSatisfy(isSpace)
    }

    private static func withoutMark(_ text: [UInt8]) -> ArraySlice<UInt8> {
        text.dropFirst(text.starts(with: byteOrderMark) ? byteOrderMark.count : 0)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { " \t\r\n".utf8.contains(byte) }

    private var kindOfBeginning: String {
        switch beginning.first(where: { !Self.isSpace($0) }) {
        case nil: "empty"
        case UInt8(ascii: "{"), UInt8(ascii: "["): "JSON"
        default: "something else"
        }
    }
}
