// Ctrl-C while a job is watched. It must not know the job.

import Dispatch
import Glibc

/// Ends the program by ``ExitStatus/interrupted`` with a last word instead of silence.
final class Interrupt {
    private let source: any DispatchSourceSignal

    /// From now on Ctrl-C prints the text, as it is then, on standard error and ends the program.
    init(_ console: Console = Console(), saying text: @escaping @Sendable () -> String) {
        source = DispatchSource.makeSignalSource(
            signal: SIGINT, queue: DispatchQueue(label: "interrupt"))
        source.setEventHandler { @Sendable in
            console.complain(text())
            // No exit handlers: other threads are in the middle of their work.
            _exit(ExitStatus.interrupted.rawValue)
        }
        source.activate()
    }

    deinit {
        source.cancel()
    }
}
