// The program's exit codes, all of them. Part of its interface: scripts act on them.

/// How the program ends. Without a subcommand, by the flags of client.py, every error is
/// ``failed``, as it was there.
enum ExitStatus: Int32 {
    /// It did what was asked for; a watched job completed.
    case done = 0
    /// A watched job failed or was cancelled, or the result could not be written.
    case failed = 1
    /// The command line makes no sense; nothing was sent.
    case usage = 2
    /// A watched job completed with accepted gaps, or a verification found files that were not as
    /// recorded.
    case gaps = 3
    /// The service cannot be reached, or refuses.
    case service = 4
    /// Ctrl-C, as the shell counts it (128 + SIGINT). A watched job goes on.
    case interrupted = 130
}
