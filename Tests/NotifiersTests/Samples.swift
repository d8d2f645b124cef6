// Recorded replies of the Bot API, and jobs and notifications with defaults.

import Datasets
import FoundationEssentials
import Jobs
import TestSupport

/// Finds and reads the recorded replies.
enum SampleReplies {
    private static let folder = ProjectFolder.shared("samples/json/telegram")

    /// Whether they are there; tests that need them are skipped otherwise.
    static var exist: Bool { FileManager.default.fileExists(atPath: folder) }

    /// Replies that are errors, by file name.
    static let errors: [String: [UInt8]] = contents(of: "errors")
    /// Whole exchanges, by file name.
    static let captured: [String: [UInt8]] = contents(of: "captured")

    private static func contents(of name: String) -> [String: [UInt8]] {
        let folder = "\(folder)/\(name)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".json") }.reduce(into: [:]) { found, name in
            let data = FileManager.default.contents(atPath: "\(folder)/\(name)")
            found[name] = data.map { Array($0) }
        }
    }
}

/// A recorded exchange, as far as the tests need it.
struct CapturedExchange: Decodable {
    struct Response: Decodable {
        var status: Int
        var body: String

        enum CodingKeys: String, CodingKey {
            case status
            case body = "body_raw"
        }
    }

    var response: Response

    static func read(_ bytes: [UInt8]) throws -> CapturedExchange {
        try JSONDecoder().decode(CapturedExchange.self, from: Data(bytes))
    }
}

func makeJob(
    symbols: [String] = ["BTCUSDT"], exchange: String = "binance", createdBy: String = "intern",
    errorMessage: String? = nil, seconds: Int64? = nil
) -> Job {
    let start = Timestamp(microseconds: 1_700_000_000_000_000)
    return Job(
        id: JobID(7), state: .running, exchange: exchange, dataTypes: ["trades"],
        symbols: symbols, startDate: "2024-01-01", endDate: "2024-01-31",
        outputPath: "./datasets", createdAt: start, startedAt: start,
        completedAt: seconds.map { start + .seconds($0) }, errorMessage: errorMessage,
        createdBy: createdBy)
}

func makeNotification(
    _ kind: JobNotification.Kind, _ job: Job = makeJob(),
    at now: Timestamp = Timestamp(microseconds: 0)
) -> JobNotification {
    JobNotification(id: 1, kind: kind, job: job, at: now)
}
