// A whole installation for one test: the stand-in upstream, the daemon, a folder for its data, and
// the means to talk to it as users do.

import APITypes
import Curl
import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// The real programs, on free ports, with their data in a folder of their own.
final class Installation: Sendable {
    let folder: TemporaryFolder
    let upstream: Upstream
    let client = CurlClient()
    private let settings: [String: String]

    static let key = "TD.end-to-end-key"
    static let botToken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

    /// Starts the stand-in upstream.
    ///
    /// - Parameters:
    ///   - sandbox: further arguments of `tardis-sandbox`.
    ///   - settings: variables of the daemon, over those that point it to the upstream.
    init(sandbox: [String] = [], settings: [String: String] = [:]) async throws {
        folder = TemporaryFolder()
        upstream = try await Upstream(
            arguments: ["--key", Installation.key] + sandbox, in: folder.path)
        self.settings = [
            "API_HOST": "127.0.0.1",
            "API_PORT": "0",
            "LOG_FORMAT": "json",
            "RETRY_BASE_SECONDS": "0",
            "TARDIS_API_KEY": Installation.key,
            "TARDIS_DATASETS_URL": "\(upstream.url)/v1",
            "TARDIS_API_URL": "\(upstream.url)/v1",
            "TELEGRAM_API_URL": upstream.url,
            "TELEGRAM_BOT_TOKEN": Installation.botToken,
            "TELEGRAM_CHAT_ID": "-1001234567890",
        ].merging(settings) { $1 }
    }

    deinit {
        client.close()
    }

    /// Starts the daemon and waits until it listens.
    ///
    /// - Parameter descriptorMax: how many descriptors it may have open; `nil` leaves that as it
    ///   is.
    func startService(
        _ more: [String: String] = [:], descriptorMax: Int? = nil
    ) async throws -> RunningService {
        let limit = descriptorMax.map { "ulimit -n \($0) && " } ?? ""
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", limit + "exec \"$0\"", BuiltProgram.path("download-service")],
            environment: settings.merging(more) { $1 }, in: folder.path)
        let isListening = await eventually(within: .seconds(15)) {
            process.errors.contains("\"message\":\"listening\"") || process.exitCode != nil
        }
        try #require(isListening && process.exitCode == nil, "\(process.errors)")
        let line = try #require(
            process.errors.split(separator: "\n").first { $0.contains("\"listening\"") })
        let port = try #require(line.number(after: "\"port\":"))
        return RunningService(process: process, url: "http://127.0.0.1:\(port)", client: client)
    }

    /// What `sqlite3` answers to a query on the service's database, while the service runs.
    func query(_ sql: String) throws -> String {
        try Database.rows("\(folder.path)/data/downloads.db", sql)
    }

    /// The bytes of a file below the data root.
    func published(_ name: String) -> Data? {
        FileManager.default.contents(atPath: "\(folder.path)/datasets/\(name)")
    }

    /// The names below the data root, sorted.
    func publishedNames(in subfolder: String = "") -> [String] {
        let path = "\(folder.path)/datasets/\(subfolder)"
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}

/// A running `tardis-sandbox`.
final class Upstream: Sendable {
    let process: ChildProcess
    let url: String

    init(arguments: [String], in folder: String) async throws {
        process = try ChildProcess(
            BuiltProgram.path("tardis-sandbox"),
            ["--port", "0", "--storage-port", "0"] + arguments,
            in: folder)
        let process = process
        let isReady = await eventually(within: .seconds(15)) {
            process.output.contains("port") || process.exitCode != nil
        }
        try #require(isReady && process.exitCode == nil, "\(process.errors)")
        let port = try #require(process.output[...].number(after: "port"))
        url = "http://127.0.0.1:\(port)"
    }

    deinit {
        process.send(SIGKILL)
    }

    /// The requests to Tardis, its object storage left out, whose path contains the text.
    func requests(for text: String) async throws -> [SeenRequest] {
        try await ask("GET", "/_sandbox/requests", as: [SeenRequest].self)
            .filter { $0.path.hasPrefix("/v1/") && $0.path.contains(text) }
    }

    /// The requests to the object storage, where paid days lie.
    func storageRequests() async throws -> [SeenRequest] {
        try await ask("GET", "/_sandbox/requests", as: [SeenRequest].self)
            .filter { !$0.path.hasPrefix("/v1/") && !$0.path.hasPrefix("/bot") }
    }

    /// The Telegram messages that it has accepted, oldest first.
    func messages() async throws -> [String] {
        try await ask("GET", "/_sandbox/messages", as: [SeenMessage].self).map(\.text)
    }

    /// Makes it answer wrongly; the rules are those of `tardis-sandbox --help`.
    func play(_ faults: String) async throws {
        let client = CurlClient()
        defer { client.close() }
        let reply = try await client.fetch(
            TransferRequest(
                method: "PUT", url: "\(url)/_sandbox/faults",
                headers: [("Content-Type", "application/json")], body: Array(faults.utf8)),
            bodyMaxBytes: 1 << 20)
        try #require(reply.head.status < 300, "\(String(decoding: reply.body, as: UTF8.self))")
    }

    private func ask<Answer: Decodable>(
        _ method: String, _ path: String, as type: Answer.Type
    ) async throws -> Answer {
        let client = CurlClient()
        defer { client.close() }
        let reply = try await client.fetch(
            TransferRequest(method: method, url: url + path), bodyMaxBytes: 64 << 20)
        return try JSONDecoder().decode(type, from: Data(reply.body))
    }
}

/// A request that the stand-in upstream has seen.
struct SeenRequest: Decodable, Sendable {
    let method: String
    let path: String
    let status: Int
    let authorization: String?
}

/// A message that the stand-in Bot API has accepted.
struct SeenMessage: Decodable, Sendable {
    let text: String
}

extension Substring {
    /// The first number that follows the text, whatever stands between them.
    func number(after text: String) -> Int? {
        guard let found = firstRange(of: text) else { return nil }
        let digits = self[found.upperBound...].drop { !$0.isNumber }.prefix { $0.isNumber }
        return Int(digits)
    }
}
