// The stand-in without sockets: requests go to its routers directly.

import Datasets
import HTTP
import Synchronization

@testable import tardis_sandbox

/// Both listeners of a stand-in, with a fixed clock.
struct SandboxUnderTest {
    static let key = "TD.unit-test-key"
    static let token = "123456:unit-test-token"
    /// 2024-07-01 12:00 UTC.
    static let now = Timestamp(microseconds: 1_719_835_200_000_000)

    let upstream: SandboxRouter
    let storage: SandboxRouter
    let faults: FaultScript

    init(
        rows: Int = 20, realFiles: String? = nil, emptyDays: Set<DatasetContent.EmptyDay> = [],
        faults rules: [FaultRule] = [], chats: [String]? = nil
    ) {
        let settings = SandboxSettings(
            key: SandboxUnderTest.key, botToken: SandboxUnderTest.token, chats: chats,
            content: DatasetContent(
                volume: DatasetVolume(rows: rows, isProportional: false),
                realFiles: realFiles.map { RealFiles(folder: $0) }, emptyDays: emptyDays),
            faults: rules)
        let sandbox = Sandbox(settings: settings) { SandboxUnderTest.now }
        upstream = sandbox.router(.upstream, storagePort: 9999)
        storage = sandbox.router(.storage, storagePort: 9999)
        faults = sandbox.faults
    }

    /// The response of the datasets host, or of another router.
    func ask(
        _ target: String, method: Method = .get, key: String? = nil,
        headers: KeyValuePairs<String, String> = [:], body: String = "",
        of router: SandboxRouter? = nil
    ) async -> Response {
        let parts = target.split(separator: "?", maxSplits: 1)
        var fields = Headers(headers)
        fields.append("Host", "127.0.0.1:8900")
        if let key { fields.append("Authorization", "Bearer \(key)") }
        let request = Request(
            method: method, path: String(parts[0]), query: parts.dropFirst().first.map(String.init),
            headers: fields, body: Array(body.utf8))
        return await (router ?? upstream).respond(to: request)
    }
}

extension Response {
    /// The body of a response in memory.
    var bytes: [UInt8] {
        if case .bytes(let bytes) = body { return bytes }
        return []
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
