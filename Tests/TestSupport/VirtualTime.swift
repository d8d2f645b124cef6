// A clock that jumps: hours of back-off pass in milliseconds, in the same order in every run.

package import Datasets
import Dispatch
import Jobs
import Synchronization

/// Virtual time, and the executor on which it passes.
///
/// All code under test runs on one serial queue, one job after the other. When no job is ready,
/// all tasks wait, so the clock jumps to the earliest sleeper. That holds as long as the code
/// under test stays on this executor: default actors and structured tasks do.
package final class VirtualTime: Timekeeping, TaskExecutor {
    private struct Sleeper {
        var due: Timestamp
        var order: UInt64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Timestamp
        var ready: [UnownedJob] = []
        var sleepers: [Sleeper] = []
        var orders: UInt64 = 0
        var isScheduled = false
        /// Pieces of work under way on other threads.
        var absences = 0
    }

    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "virtual-time")

    package init(startingAt start: Timestamp = Day("2024-06-15")!.start) {
        state = Mutex(State(now: start))
    }

    /// Runs a test in virtual time of its own.
    package static func run<Value: Sendable>(
        startingAt start: Timestamp = Day("2024-06-15")!.start,
        _ body: @escaping @Sendable (VirtualTime) async throws -> Value
    ) async throws -> Value {
        let time = VirtualTime(startingAt: start)
        let task = Task(executorPreference: time) { try await body(time) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    package var now: Timestamp { state.withLock(\.now) }

    package func sleep(for duration: Duration) async throws {
        let order = state.withLock { state in
            state.orders += 1
            return state.orders
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state -> Bool in
                    if Task.isCancelled { return true }
                    let due = state.now + duration
                    state.sleepers.append(
                        Sleeper(due: due, order: order, continuation: continuation))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.order == order }) else {
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Waits, in virtual time, until a condition holds; looks again after each step of the clock.
    ///
    /// - Returns: `false` where it did not hold within the time.
    package func wait(
        atMost limit: Duration = .seconds(86_400), step: Duration = .milliseconds(100),
        until condition: () async throws -> Bool
    ) async throws -> Bool {
        let end = now + limit
        while try await !condition() {
            guard now < end else { return false }
            try await sleep(for: step)
        }
        return true
    }

    /// Stops the clock during work that leaves this executor, such as a transfer or a commit: a
    /// task that awaits it would otherwise look idle.
    package func standingStill<Value: Sendable>(
        for work: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        state.withLock { $0.absences += 1 }
        // Back on this executor by then, so that what follows is ready before the clock goes on.
        defer { state.withLock { $0.absences -= 1 } }
        return try await work()
    }

    /// Sets the clock, as an administrator or a time server does; sleepers sleep on for as long as
    /// they meant to.
    package func jump(by span: Duration) {
        state.withLock { state in
            state.now = state.now + span
            for index in state.sleepers.indices {
                state.sleepers[index].due = state.sleepers[index].due + span
            }
        }
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustSchedule = state.withLock { state in
            state.ready.append(job)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { queue.async { self.drain() } }
    }

    private func drain() {
        while true {
            let jobs = state.withLock { state in
                defer { state.ready = [] }
                return state.ready
            }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
            guard jobs.isEmpty else { continue }
            switch whenIdle() {
            case .wake(let continuation): continuation.resume()
            case .goOn: continue
            case .rest: return
            }
        }
    }

    private enum Idleness {
        case wake(CheckedContinuation<Void, any Error>)
        /// Another thread has enqueued a job meanwhile.
        case goOn
        case rest
    }

    /// What to do when no job was ready; moves the clock to the earliest sleeper's moment.
    private func whenIdle() -> Idleness {
        state.withLock { state in
            guard state.ready.isEmpty else { return .goOn }
            let earliest = state.sleepers.indices.min { left, right in
                let (left, right) = (state.sleepers[left], state.sleepers[right])
                return (left.due, left.order) < (right.due, right.order)
            }
            guard state.absences == 0, let earliest else {
                state.isScheduled = false
                return .rest
            }
            let sleeper = state.sleepers.remove(at: earliest)
            state.now = max(state.now, sleeper.due)
            return .wake(sleeper.continuation)
        }
    }
}
