// The stand-in as a process, and requests to it.

import Curl
import Glibc
import TestSupport
import Testing

@testable import tardis_sandbox

/// A running `tardis-sandbox`, killed with its last reference.
final class RunningSandbox: Sendable {
    let process: ChildProcess
    let port: Int
    let storagePort: Int
    private let client = CurlClient()

    struct ReceivedResponse {
        var status: Int
        var body: [UInt8]
        var location: String?
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    init(_ arguments: [String] = []) async throws {
        let process = try ChildProcess(
            BuiltProgram.path("tardis-sandbox"),
            ["--port", "0", "--storage-port", "0"] + arguments)
        let isReady = await eventually {
            process.output.hasSuffix("\n") || process.exitCode != nil
        }
        try #require(isReady && process.exitCode == nil, "\(process.errors)")
        let ports = try JSONText.decode([String: Int].self, from: Array(process.output.utf8))
        self.process = process
        port = try #require(ports["port"])
        storagePort = try #require(ports["storage_port"])
    }

    deinit {
        client.close()
        process.send(SIGKILL)
    }

    func get(
        _ path: String, headers: [(name: String, value: String)] = []
    ) async throws -> ReceivedResponse {
        try await get(url: "http://127.0.0.1:\(port)\(path)", headers: headers)
    }

    func get(
        url: String, headers: [(name: String, value: String)] = []
    ) async throws -> ReceivedResponse {
        try await ask(TransferRequest(url: url, headers: headers))
    }

    func send(_ method: String, _ path: String, json: String) async throws -> ReceivedResponse {
        try await ask(
            TransferRequest(
                method: method, url: "http://127.0.0.1:\(port)\(path)",
                headers: [("Content-Type", "application/json")], body: Array(json.utf8)))
    }

    /// Replaces the fault script.
    func play(_ script: String) async throws {
        let answer = try await send("PUT", "/_sandbox/faults", json: script)
        try #require(answer.status == 200, "\(answer.text)")
    }

    private func ask(_ request: TransferRequest) async throws -> ReceivedResponse {
        let reply = try await client.fetch(request, bodyMaxBytes: 64 << 20)
        return ReceivedResponse(
            status: reply.head.status, body: reply.body, location: reply.head["Location"])
    }
}
