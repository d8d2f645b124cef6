// The server's small parts: tokens, ids, the counter.

import Posix
import Testing

@testable import HTTPServer

@Suite struct SmallPartsTests {
    private final class Watcher: Watching {
        func ready(_ event: Epoll.Event) {}
        func due() {}
    }

    @Test func `finds no successor by the token of a watcher that is gone`() {
        var table = WatcherTable()
        let first = table.add(Watcher())
        #expect(table[first.rawValue] != nil)
        table.remove(first)
        let second = table.add(Watcher())
        #expect(table[first.rawValue] == nil)
        #expect(table[second.rawValue] != nil)
        table.remove(first)
        #expect(table[second.rawValue] != nil)
    }

    @Test func `forgets an entry that was replaced by an earlier one`() {
        var table = WatcherTable()
        let token = table.add(Watcher())
        table.setTick(token, 20)
        table.setTick(token, 10)
        #expect(table.watcher(dueAt: 20, token.rawValue) == nil)
        #expect(table.watcher(dueAt: 10, token.rawValue) != nil)
        #expect(table.watcher(dueAt: 10, token.rawValue) == nil)
    }

    @Test func `makes ids that differ and are fit`() {
        var identifiers = RequestIdentifiers()
        let made = (0..<1000).map { _ in identifiers.next() }
        #expect(Set(made).count == 1000)
        #expect(made.allSatisfy(RequestIdentifiers.isFit))
    }

    @Test(arguments: ["", "a b", "a\n", "ä", "<a>", String(repeating: "a", count: 65)])
    func `finds an id unfit`(identifier: String) {
        #expect(!RequestIdentifiers.isFit(identifier))
    }
}
