// The stand-in without sockets: its front doors, asked directly.

import Datasets
import HTTP
import Synchronization

@testable import tardis_sandbox

/// Both listeners of a stand-in, with a clock that stands still.
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
        let content = DatasetContent(
            volume: DatasetVolume(rows: rows, isProportional: false),
            realFiles: realFiles.map { RealFiles(folder: $0) }, emptyDays: emptyDays)
        let exportedUntil: @Sendable () -> Day = { SandboxUnderTest.now.day }
        let faults = FaultScript(rules)
        let messages = MessageBook()
        let control = ControlRoute(faults: faults, log: RequestLog(), messages: messages)
        func door(_ listener: SandboxRouter.Listener) -> SandboxRouter {
            SandboxRouter(
                listener: listener, key: SandboxUnderTest.key, latency: .zero,
                catalogue: CatalogueRoute(
                    key: SandboxUnderTest.key, exportedUntil: exportedUntil),
                datasets: DatasetRoute(
                    key: SandboxUnderTest.key, content: content, exportedUntil: exportedUntil,
                    storagePort: 9999),
                bot: BotRoute(
                    token: SandboxUnderTest.token, chats: chats, book: messages,
                    now: { SandboxUnderTest.now }),
                control: control, now: { SandboxUnderTest.now })
        }
        upstream = door(.upstream)
        storage = door(.storage)
        self.faults = faults
    }

    /// What the datasets host answers to a GET, or another method.
    func ask(
        _ target: String, method: Method = .get, key: String? = nil,
        headers: KeyValuePairs<String, String> = [:], body: String = "",
        of door: SandboxRouter? = nil
    ) async -> Response {
        let parts = target.split(separator: "?", maxSplits: 1)
        var fields = Headers(headers)
        fields.append("Host", "127.0.0.1:8900")
        if let key { fields.append("Authorization", "Bearer \(key)") }
        let request = Request(
            method: method, path: String(parts[0]), query: parts.dropFirst().first.map(String.init),
            headers: fields, body: Array(body.utf8))
        return await (door ?? upstream).respond(to: request)
    }
}

extension Response {
    /// The body of an answer that has it at hand.
    var bytes: [UInt8] {
        if case .bytes(let bytes) = body { return bytes }
        return []
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
