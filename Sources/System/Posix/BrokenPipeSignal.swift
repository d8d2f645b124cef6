// The signal for writing to a connection that has gone. It must not be used to find that out: the
// call that writes fails with EPIPE as well.

import Glibc

/// SIGPIPE, which nobody here wants.
package enum BrokenPipeSignal {
    /// Keeps SIGPIPE from the calling thread, to which alone the kernel would send it: unlike
    /// send(2), sendfile(2) has no flag against it, and the signal would end the process.
    package static func block() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
