// The variables that the program was started with. It must not know which ones matter.

import Glibc

/// Looks variables up; one that is empty or blank counts as not set.
struct ProcessEnvironment: Sendable {
    private let look: @Sendable (String) -> String?

    /// The real one.
    static let current = ProcessEnvironment { name in getenv(name).map { String(cString: $0) } }

    /// - Parameter look: returns the value of a variable; `nil` where it is not set.
    init(look: @escaping @Sendable (String) -> String?) {
        self.look = look
    }

    subscript(name: String) -> String? {
        look(name).flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    }
}
