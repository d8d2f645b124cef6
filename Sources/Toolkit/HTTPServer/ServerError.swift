// Why a server could not start.

package import Posix

/// A failure to start listening.
package enum ServerError: Error, Sendable, CustomStringConvertible {
    /// The host is neither an address nor a name that the machine can resolve.
    case unknownHost(String)
    /// Another process listens on the port.
    case portTaken(host: String, port: UInt16)
    /// A system call failed.
    case system(SystemError)
    /// The server was started before, or drained.
    case alreadyStarted

    package var description: String {
        switch self {
        case .unknownHost(let host): "unknown host \(host)"
        case .portTaken(let host, let port): "port \(port) on \(host) is taken"
        case .system(let error): "\(error)"
        case .alreadyStarted: "the server was started before"
        }
    }
}
