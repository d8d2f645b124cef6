// Where the project and what lies beside it are, found from this file's own place.

/// Folders that tests read.
package enum ProjectFolder {
    /// The project's root.
    package static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/")
    }()

    /// A folder of the reference material beside the project, which a user's clone does not have.
    package static func shared(_ name: String) -> String {
        root.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/shared/" + name
    }
}
