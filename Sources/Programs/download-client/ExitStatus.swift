// The program's exit codes, all of them. Part of its interface: scripts act on them.

/// How the program ends.
enum ExitStatus: Int32 {
    /// It did what was asked for; a watched job completed.
    case done = 0
    /// It could not, or the watched job failed or was cancelled.
    case failed = 1
    /// The command line makes no sense; nothing was sent.
    case usage = 2
    /// Ctrl-C, as the shell counts it (128 + SIGINT). A watched job goes on.
    case interrupted = 130
}
