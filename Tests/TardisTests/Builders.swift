// What the tests of this room build from: files, rows, gzip, replies, settings.

import Curl
import Datasets
import GzipSupport
import Jobs
import Logging
import TestSupport

@testable import Tardis

extension DatasetFile {
    /// A file on a free day unless said otherwise.
    static func sample(
        exchange: String = "bitmex", dataType: DataType = .trades, day: String = "2020-03-01",
        symbol: String = "XBTUSD"
    ) -> DatasetFile {
        DatasetFile(exchange: exchange, dataType: dataType, day: Day(day)!, symbol: symbol)
    }
}

/// The CSV of so many trades, a second apart from midnight on.
func trades(
    _ rows: Int, of file: DatasetFile = .sample(), exchange: String? = nil, symbol: String? = nil,
    day: Day? = nil, extraColumn: Bool = false
) -> String {
    var csv = file.dataType.columns.joined(separator: ",") + (extraColumn ? ",new\n" : "\n")
    for row in 0..<rows {
        let moment = (day ?? file.day).start.microseconds + Int64(row) * 1_000_000
        csv += "\(exchange ?? file.exchange),\(symbol ?? file.symbol),\(moment),\(moment)"
        csv += ",id-\(row),buy,100.5,\(row)" + (extraColumn ? ",1\n" : "\n")
    }
    return csv
}

func gzip(_ text: String) -> [UInt8] {
    GzipDeflater.gzip(Array(text.utf8))
}

/// A catalogue that knows what a test says.
struct FixedCatalogue: CatalogueProviding {
    var answer: Result<ExchangeCatalogue, CatalogueError> = .failure(.unreachable("not asked"))

    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        try answer.get()
    }
}

/// A downloader into a folder of its own.
struct Bench {
    let folder = TemporaryFolder()
    let client = CurlClient()
    /// Kept: a server that is released stops.
    let server: RawServer
    var settings: TardisSettings
    var catalogue = FixedCatalogue()
    let limits = RuntimeLimits()
    var facts: InMemoryJobStore?
    let time = VirtualTime()

    init(_ server: RawServer, apiKey: String? = "TD.secret-key") {
        self.server = server
        settings = TardisSettings(
            datasetsURL: server.url + "/v1", apiURL: server.url + "/v1", apiKey: apiKey)
    }

    func download(
        _ file: DatasetFile = .sample(), to path: String = "", attempt: Int = 1,
        context: DownloadContext = DownloadContext()
    ) async -> DownloadOutcome {
        await downloader.download(file, to: path, attempt: attempt, context: context)
    }

    /// Whether a file in the folder has exactly these bytes.
    func holds(_ bytes: [UInt8], as name: String) -> Bool {
        readFile(folder.path(name)) == bytes
    }

    var downloader: DatasetDownloader {
        DatasetDownloader(
            settings: settings, root: DataRoot(folder.path), client: client, catalogue: catalogue,
            limits: limits, facts: facts, time: time,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}

extension DownloadOutcome {
    var checksum: FileChecksum? {
        if case .published(let proof) = self { proof } else { nil }
    }

    /// The kind of outcome and the failure's code, such as `retry gzip_damaged`.
    var summary: String {
        switch self {
        case .published: "published"
        case .unavailable(let failure): "unavailable \(failure.code)"
        case .failed(let failure): "failed \(failure.code)"
        case .retry(nil, let failure): "retry \(failure.code)"
        case .retry(let wait?, let failure): "retry \(failure.code) after \(wait)"
        case .stopJob(let failure): "stopJob \(failure.code)"
        case .pauseUpstream(let wait, let failure): "park \(failure.code) for \(wait)"
        case .awaitSpace(let failure): "await room \(failure.code)"
        case .awaitUpstream: "await upstream"
        case .interrupted: "interrupted"
        }
    }
}
