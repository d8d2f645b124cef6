// An installation for one test: the stand-in upstream, the daemon, and a folder for its data.

package import Curl
package import FoundationEssentials
import Glibc
package import TestSupport

/// The real programs, on free ports, with their data in a folder of their own.
package final class Installation: Sendable {
    package let folder: TemporaryFolder
    package let upstream: Upstream
    package let client = CurlClient()
    /// The daemon's working folder.
    package let root: String
    private let settings: [String: String]

    package static let key = "TD.end-to-end-key"
    package static let botToken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

    /// Starts the stand-in upstream.
    ///
    /// - Parameters:
    ///   - sandbox: further arguments of `tardis-sandbox`.
    ///   - settings: variables of the daemon, over those that point it to the upstream.
    package convenience init(
        sandbox: [String] = [], settings: [String: String] = [:]
    ) async throws {
        let folder = TemporaryFolder()
        let upstream = try await Upstream(
            arguments: ["--key", Installation.key] + sandbox, in: folder.path)
        self.init(on: upstream, in: folder, settings: settings)
    }

    /// Another installation on a stand-in upstream that runs already.
    ///
    /// - Parameters:
    ///   - folder: kept as long as this lives.
    ///   - root: where the service works, `nil` for the folder itself.
    package init(
        on upstream: Upstream, in folder: TemporaryFolder = TemporaryFolder(),
        root: String? = nil, settings: [String: String] = [:]
    ) {
        self.folder = folder
        self.upstream = upstream
        self.root = root ?? folder.path
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
    package func startService(
        _ more: [String: String] = [:], descriptorMax: Int? = nil
    ) async throws -> RunningService {
        let limit = descriptorMax.map { "ulimit -n \($0) && " } ?? ""
        let process = try spawnService(
            more, through: ["/bin/sh", "-c", limit + "exec \"$0\""])
        let service = try await listening(process)
        return try service.orFail("the service does not start: \(process.errors)")
    }

    /// Starts the daemon and waits for nothing.
    ///
    /// - Parameter wrapper: a program and its arguments, to be followed by the daemon's path.
    package func spawnService(
        _ more: [String: String] = [:], through wrapper: [String]
    ) throws -> ChildProcess {
        try ChildProcess(
            wrapper[0], wrapper.dropFirst() + [BuiltProgram.path("download-service")],
            environment: settings.merging(more) { $1 }, in: root)
    }

    /// Waits until a daemon listens.
    ///
    /// - Returns: `nil` where it ended first.
    package func listening(
        _ process: ChildProcess, within limit: Duration = .seconds(15)
    ) async throws -> RunningService? {
        _ = await eventually(within: limit) {
            process.errors.contains("\"message\":\"listening\"") || process.exitCode != nil
        }
        let line = process.errors.split(separator: "\n").first { $0.contains("\"listening\"") }
        guard let port = line?.number(after: "\"port\":") else { return nil }
        return RunningService(process: process, url: "http://127.0.0.1:\(port)", client: client)
    }

    /// Runs the daemon's program with arguments to its end.
    package func run(_ arguments: [String]) async throws -> ChildProcess {
        let process = try ChildProcess(
            BuiltProgram.path("download-service"), arguments, environment: settings, in: root)
        _ = await process.waitForExit()
        return process
    }

    /// The path of the service's database.
    package var database: String { "\(root)/data/downloads.db" }

    /// What `sqlite3` answers to a query on the service's database, while the service runs.
    package func query(_ sql: String) throws -> String {
        try Database.rows(database, sql)
    }

    /// The bytes of a file below the data root.
    package func published(_ name: String) -> Data? {
        FileManager.default.contents(atPath: "\(root)/datasets/\(name)")
    }

    /// The names below the data root that are not hidden, sorted.
    package func publishedNames(in subfolder: String = "") -> [String] {
        let path = "\(root)/datasets/\(subfolder)"
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
            .filter { !$0.hasPrefix(".") }.sorted()
    }
}

/// The service's database as `sqlite3` reads it, which is what users have.
package enum Database {
    /// The rows of a query, columns separated by `|`, one row per line.
    ///
    /// - Parameter isReadOnly: `false` where no process has the file open: the log of a crashed one
    ///   can only be read with permission to write.
    package static func rows(
        _ path: String, _ sql: String, isReadOnly: Bool = true
    ) throws -> String {
        let option = isReadOnly ? "-readonly" : ""
        // As long as the service itself waits: recovery locks readers out for moments.
        let timeout = "-cmd '.timeout 5000'"
        let pipe = popen("sqlite3 \(option) \(timeout) '\(path)' \"\(sql)\" 2>&1", "r")
        guard let stream = pipe else { throw ServiceFailure("sqlite3 does not start") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard pclose(stream) == 0 else { throw ServiceFailure("\(sql): \(text)") }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

/// A running `tardis-sandbox`.
package final class Upstream: Sendable {
    package let process: ChildProcess
    package let url: String

    package init(arguments: [String], in folder: String) async throws {
        process = try ChildProcess(
            BuiltProgram.path("tardis-sandbox"),
            ["--port", "0", "--storage-port", "0"] + arguments,
            in: folder)
        let process = process
        let isReady = await eventually(within: .seconds(15)) {
            process.output.contains("port") || process.exitCode != nil
        }
        guard isReady, process.exitCode == nil else { throw ServiceFailure(process.errors) }
        let port = try process.output[...].number(after: "port").orFail(process.output)
        url = "http://127.0.0.1:\(port)"
    }

    deinit {
        process.send(SIGKILL)
    }

    /// The requests to Tardis, its object storage left out, whose path contains the text.
    package func requests(for text: String) async throws -> [SeenRequest] {
        try await ask("GET", "/_sandbox/requests", as: [SeenRequest].self)
            .filter { $0.path.hasPrefix("/v1/") && $0.path.contains(text) }
    }

    /// The requests to the object storage, where paid days lie.
    package func storageRequests() async throws -> [SeenRequest] {
        try await ask("GET", "/_sandbox/requests", as: [SeenRequest].self)
            .filter { !$0.path.hasPrefix("/v1/") && !$0.path.hasPrefix("/bot") }
    }

    /// The Telegram messages that it has accepted, oldest first.
    package func messages() async throws -> [String] {
        try await ask("GET", "/_sandbox/messages", as: [SeenMessage].self).map(\.text)
    }

    /// Makes it answer wrongly; the rules are those of `tardis-sandbox --help`.
    package func play(_ faults: String) async throws {
        let client = CurlClient()
        defer { client.close() }
        let reply = try await client.fetch(
            TransferRequest(
                method: "PUT", url: "\(url)/_sandbox/faults",
                headers: [("Content-Type", "application/json")], body: Array(faults.utf8)),
            bodyMaxBytes: 1 << 20)
        guard reply.head.status < 300 else {
            throw ServiceFailure(String(decoding: reply.body, as: UTF8.self))
        }
    }

    /// Forgets the requests seen so far.
    package func forgetRequests() async throws {
        let client = CurlClient()
        defer { client.close() }
        _ = try await client.fetch(
            TransferRequest(method: "DELETE", url: "\(url)/_sandbox/requests"),
            bodyMaxBytes: 1 << 20)
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
package struct SeenRequest: Decodable, Sendable {
    package let method: String
    package let path: String
    package let status: Int
    package let authorization: String?
}

/// A message that the stand-in Bot API has accepted.
package struct SeenMessage: Decodable, Sendable {
    package let text: String
}

/// What went wrong with a program under test.
package struct ServiceFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension Optional {
    /// The value; throws the text where there is none.
    package func orFail(_ text: @autoclosure () -> String) throws -> Wrapped {
        guard let self else { throw ServiceFailure(text()) }
        return self
    }
}

extension Substring {
    /// The first number after the text.
    package func number(after text: String) -> Int? {
        guard let found = firstRange(of: text) else { return nil }
        let digits = self[found.upperBound...].drop { !$0.isNumber }.prefix { $0.isNumber }
        return Int(digits)
    }
}
