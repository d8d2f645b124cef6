// Time-outs: their results, and that no task of them is left.

import Synchronization
import Testing

@testable import Concurrency

@Suite(.timeLimit(.minutes(1)))
struct TimeoutTests {
    private let never: @Sendable (Duration) async throws -> Void = { _ in await untilCancelled() }
    private let atOnce: @Sendable (Duration) async throws -> Void = { _ in }

    @Test func `an operation that ends in time returns its value`() async {
        #expect(await withTimeout(.seconds(1), sleep: never) { 7 } == 7)
    }

    @Test func `an operation beyond the limit is cancelled, and ended at the return`() async {
        let open = OpenCount()
        let value = await withTimeout(.seconds(1), sleep: atOnce) {
            open.add(1)
            await untilCancelled()
            for _ in 0..<100 { await Task.yield() }
            open.add(-1)
            return 7
        }
        #expect(value == nil)
        #expect(open.value == 0)
    }

    @Test func `a cancelled caller gets nil, even if the operation returns a value`() async {
        let caller = Task { [never] in
            await withTimeout(.seconds(1), sleep: never) {
                await untilCancelled()
                return 7
            }
        }
        caller.cancel()
        #expect(await caller.value == nil)
    }

    @Test func `nested time-outs leave no task, whichever ends first`() async {
        let open = OpenCount()
        for _ in 0..<1_000 {
            _ = await withTimeout(.seconds(1), sleep: atOnce) { [never] in
                await withTimeout(.seconds(2), sleep: never) {
                    open.add(1)
                    await untilCancelled()
                    open.add(-1)
                }
            }
            #expect(open.value == 0)
        }
    }

    @Test func `an operation that hangs runs once for all callers that give up`() async {
        let (runs, (gate, opening)) = (OpenCount(), AsyncStream.makeStream(of: Void.self))
        let shared = SharedOperation { () -> Int in
            runs.add(1)
            for await _ in gate {}
            return runs.value
        }
        let patient = Task { await shared.value() }
        while runs.value == 0 { await Task.yield() }
        for _ in 0..<100 {
            let value = await withTimeout(.seconds(1), sleep: atOnce) { await shared.value() }
            #expect(value == .some(nil) || value == nil)
        }
        let cancelled = Task { await shared.value() }
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        opening.finish()
        #expect(await patient.value == 1)
        #expect(await shared.value() == 2)
    }
}

private func untilCancelled() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    await withTaskCancellationHandler {
        for await _ in stream {}
    } onCancel: {
        continuation.finish()
    }
}

private final class OpenCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add(_ step: Int) { count.add(step, ordering: .sequentiallyConsistent) }
}
