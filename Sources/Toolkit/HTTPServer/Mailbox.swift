// What other threads want an event loop to do. It must not know what a loop is.

import Posix
import Synchronization

/// Jobs and closures from other threads, and the bell that tells of them.
final class Mailbox: Sendable {
    /// One thing to do on the loop.
    enum Letter: Sendable {
        /// A Swift task's next step.
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct State: Sendable {
        var letters: [Letter] = []
        /// Whether the bell is ringing already: then ringing again would be a wasted call.
        var hasRung = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp

    init() throws(SystemError) {
        wakeUp = try WakeUp()
    }

    /// The bell's descriptor, for epoll.
    var number: Int32 { wakeUp.number }

    /// Leaves a letter from any thread.
    ///
    /// - Returns: false when the box is closed: the letter was not taken.
    func post(_ letter: Letter) -> Bool {
        let (isTaken, mustRing) = state.withLock { state in
            if state.isClosed { return (false, false) }
            state.letters.append(letter)
            defer { state.hasRung = true }
            return (true, !state.hasRung)
        }
        if mustRing { wakeUp.ring() }
        return isTaken
    }

    /// Takes all letters out; called on the loop when the bell rang.
    func collect() -> [Letter] {
        wakeUp.hear()
        return state.withLock { state in
            state.hasRung = false
            defer { state.letters = [] }
            return state.letters
        }
    }

    /// Takes the last letters out and accepts no further ones.
    func close() -> [Letter] {
        state.withLock { state in
            state.isClosed = true
            defer { state.letters = [] }
            return state.letters
        }
    }
}
