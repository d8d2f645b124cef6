// One task at a time per file.

import Datasets
import TestSupport
import Testing

@testable import Tardis

@Suite struct FileLockTests {
    @Test func `a cancelled task stops waiting, and the others keep their order`() async {
        let lock = FileLock()
        let file = DatasetFile.sample()
        let gate = AsyncGate()
        let first = Task { await lock.withLock(on: file) { await gate.wait() } }
        while await !gate.isWaitedFor { await Task.yield() }
        let second = Task { await lock.withLock(on: file) { 2 } }
        second.cancel()
        #expect(await second.value == nil)
        let third = Task { await lock.withLock(on: file) { 3 } }
        await gate.open()
        #expect(await first.value != nil)
        #expect(await third.value == 3)
    }

    @Test func `a file and its lookalike exclude each other`() async {
        let lock = FileLock()
        let pairs: [(DataType, DataType)] = [
            (.trades, .liquidations), (.liquidations, .trades), (.quotes, .bookTicker),
            (.bookTicker, .quotes),
        ]
        for pair in pairs {
            let mine = DatasetFile.sample(dataType: pair.0)
            let other = DatasetFile.sample(dataType: pair.1)
            let gate = AsyncGate()
            let first = Task { await lock.withLock(on: mine) { await gate.wait() } }
            while await !gate.isWaitedFor { await Task.yield() }
            let second = Task { await lock.withLock(on: other) { 2 } }
            second.cancel()
            #expect(await second.value == nil)
            #expect(await lock.withLock(on: .sample(dataType: .derivativeTicker)) { 3 } == 3)
            await gate.open()
            #expect(await first.value != nil)
            #expect(await lock.withLock(on: other) { 4 } == 4)
        }
    }
}

/// Opened once.
private actor AsyncGate {
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isOpen = false

    var isWaitedFor: Bool { !waiting.isEmpty }

    func wait() async {
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
