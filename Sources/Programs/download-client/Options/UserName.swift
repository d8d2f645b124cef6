// In whose name the program asks. It must not know what the service does with the name.

import APIClient
import Glibc

/// Finds the user's name.
enum UserName {
    /// The name given, else `$USER`, else `$LOGNAME`, else the account's.
    ///
    /// - Throws: ``UsageMistake`` when there is none, or it cannot be sent.
    static func resolve(
        _ given: String?, in environment: ProcessEnvironment, account: () -> String?
    ) throws(UsageMistake) -> String {
        guard let name = given ?? environment["USER"] ?? environment["LOGNAME"] ?? account() else {
            throw UsageMistake(
                message: """
                    cannot tell who you are: USER and LOGNAME are not set, and your account has \
                    no name. Say it with --user NAME
                    """)
        }
        guard APIClientSettings.isHeaderValue(name) else {
            throw UsageMistake(
                message: """
                    the user name must not be empty, begin or end with a blank, or hold control \
                    characters. Say another with --user NAME
                    """)
        }
        return name
    }

    /// The name of the account that the program runs as, where the system knows one.
    static func ofAccount() -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // Enough for any entry: glibc suggests 1 KiB (sysconf(_SC_GETPW_R_SIZE_MAX)).
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress,
                getpwuid_r(geteuid(), &entry, start, buffer.count, &found) == 0,
                found != nil, let name = entry.pw_name
            else { return nil }
            return String(cString: name)
        }
    }
}
