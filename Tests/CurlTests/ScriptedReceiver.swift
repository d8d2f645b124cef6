// Receivers and clients that the tests of this target share.

import Curl
import Synchronization

/// A client for the test servers, without the proxy of the machine.
func makeClient(
    connectionsMax: Int = 64, connectionsPerHostMax: Int = 32
) -> CurlClient {
    CurlClient(
        settings: CurlSettings(
            connectionsMax: connectionsMax, connectionsPerHostMax: connectionsPerHostMax,
            usesEnvironmentProxy: false))
}

/// Records what it receives, and decides each call by its script.
final class ScriptedReceiver: BodyReceiving {
    /// The decision, by the number of body bytes taken so far; `nil` for the head.
    typealias Script = @Sendable (_ taken: Int?) -> ReceiveDecision

    struct Record {
        var heads: [ResponseHead] = []
        var body: [UInt8] = []
        /// Calls with body bytes, repeated ones included.
        var calls = 0
        var pauses = 0
        var control: TransferControl?
    }

    private let script: Script
    private let state = Mutex(Record())

    init(_ script: @escaping Script = { _ in .goOn }) {
        self.script = script
    }

    var record: Record { state.withLock { $0 } }

    func resume() {
        record.control?.resume()
    }

    func attach(_ control: TransferControl) {
        state.withLock { $0.control = control }
    }

    func receive(head: ResponseHead) -> ReceiveDecision {
        let decision = script(nil)
        state.withLock {
            $0.heads.append(head)
            if case .pause = decision { $0.pauses += 1 }
        }
        return decision
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> ReceiveDecision {
        let decision = script(record.body.count)
        state.withLock {
            $0.calls += 1
            switch decision {
            case .goOn: $0.body += bytes
            case .pause: $0.pauses += 1
            case .stop: break
            }
        }
        return decision
    }
}

/// The error of a transfer, `nil` if it succeeds.
func failure(
    of request: TransferRequest, by client: CurlClient,
    receiver: ScriptedReceiver = ScriptedReceiver()
) async -> CurlError? {
    do throws(CurlError) {
        _ = try await client.perform(request, receiver: receiver)
        return nil
    } catch {
        return error
    }
}
