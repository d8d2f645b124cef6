// The proof of one dataset file, gathered while its bytes pass by once: size, SHA-256, gzip, CSV.
// The same for a transfer and for a file on disk. It must not know which of the two it sees.

import Bytes
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
struct DatasetVerifier: ~Copyable {
    /// Compressed bytes taken so far.
    private(set) var bytes: Int64 = 0

    private let file: DatasetFile
    private let fileBytesMax: Int64
    private let inflater: GzipInflater
    private var hash = SHA256()
    private var check: CSVValidator
    /// The beginning of the file, to say what it is where it is no gzip.
    private var beginning: [UInt8] = []
    /// The beginning of what is in the gzip.
    private var text: [UInt8] = []
    /// Whether the answer's head calls it a web page, in whatever encoding it is.
    private let isSaidToBePage: Bool

    private static let beginningBytes = 64
    /// RFC 1952 §2.3.1.
    private static let gzipStart: UInt8 = 0x1F
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// A page begins with spaces at times.
    private static let textBytes = 512

    init(
        of file: DatasetFile, fileBytesMax: Int64, gzipLimits: GzipLimits,
        isSaidToBePage: Bool = false
    ) {
        self.file = file
        self.isSaidToBePage = isSaidToBePage
        self.fileBytesMax = fileBytesMax
        inflater = GzipInflater(limits: gzipLimits)
        check = CSVValidator(of: file)
    }

    /// What is wrong with the text so far. More may be taken all the same, to find out whether that
    /// came about on the way, or is what was sent.
    var flaw: FileFailure? { check.failure.map { isPage($0) ? webPage : $0 } }

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
        if let first = beginning.first, first != Self.gzipStart {
            // What it is in place of a gzip shows behind spaces, however the bytes were cut.
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
                check.take(piece, ofMember: inflater.members)
            }
        } catch {
            // What is wrong with the rows came out before whatever is wrong with the gzip; and what
            // is found must not depend on how the bytes were cut.
            throw flaw ?? refusal(for: error)
        }
    }

    /// Says that the file is complete.
    ///
    /// - Throws: what is wrong with it.
    consuming func finish() throws(Refusal) -> FileChecksum {
        do {
            try inflater.finish()
        } catch {
            throw Refusal(failure: flaw ?? refusal(for: error))
        }
        check.finish()
        // Of a page nothing is Tardis's, however often the same one comes.
        if let failure = check.failure, isPage(failure) { throw Refusal(failure: webPage) }
        let sha256 = Hexadecimal.text(hash.finalize())
        if let failure = check.failure { throw Refusal(failure: failure, sha256: sha256) }
        return FileChecksum(
            bytes: bytes, rows: check.rows, firstTimestamp: check.firstTimestamp,
            lastTimestamp: check.lastTimestamp, sha256: sha256)
    }

    private func refusal(for error: GzipError) -> FileFailure {
        switch error {
        case .notGzip where isSaidToBePage || Self.isMarkup(beginning):
            webPage
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

    /// Whether what has no header of a dataset is a web page, compressed on its way or served as
    /// the file itself.
    private func isPage(_ failure: FileFailure) -> Bool {
        failure.code == "csv_header_wrong" && (isSaidToBePage || Self.isMarkup(text))
    }

    private var webPage: FileFailure {
        FileFailure(
            code: Reply.webPageCode, detail: "\(Reply.webPageWords) (HTTP 200, for \(file.name))",
            httpStatus: 200)
    }

    /// Whether text begins with a tag, behind spaces and a byte order mark.
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
