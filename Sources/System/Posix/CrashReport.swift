// The last line of a process that a signal ends, so that a crash is never silent.

internal import CCrashReport

/// Says on standard error, and in the log, which signal ended the process and where: function names
/// where the program has them, addresses within the file in any case.
package enum CrashReport {
    /// Installs the handlers; called once, at the start of the program.
    ///
    /// - Parameter program: the line's beginning, such as `download-service 2.0.0`.
    package static func install(_ program: String) { crash_report_install(program) }

    /// Has the line written to an open file too.
    ///
    /// - Parameter descriptor: stays open for the life of the process, or until this is called with
    ///   another.
    package static func alsoWrite(to descriptor: Int32) { crash_report_set_log(descriptor) }
}
