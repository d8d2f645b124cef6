// The folder that every dataset is written into or below, as the configuration names it. It must
// not touch the disk.

/// The data root: its text, and its parts for comparing paths with it.
package struct DataRoot: Hashable, Sendable {
    /// Characters in the root's path at most: a folder of any length below it then fits a job's
    /// record.
    package static let charactersMax = OutputPath.charactersMax - OutputPath.componentBytesMax - 1

    /// As configured, without what changes nothing, such as a slash at the end: `./datasets`.
    package let text: String
    /// Whether ``text`` begins with `/`.
    let isAbsolute: Bool
    /// The parts of ``text`` without `.`: `["datasets"]`.
    let components: [String]
    /// The parts of its absolute path, where that is known.
    let absoluteComponents: [String]?

    /// - Parameters:
    ///   - text: `DEFAULT_OUTPUT_PATH`, such as `./datasets`; not empty.
    ///   - workingFolder: the absolute path that a relative `text` starts from. Without it a
    ///     relative root contains no absolute path.
    package init(_ text: String, workingFolder: String? = nil) {
        precondition(!text.isEmpty, "the data root has a name")
        isAbsolute = text.utf8.first == UInt8(ascii: "/")
        let components = DataRoot.split(text)
        self.components = components
        let beginning = isAbsolute ? "/" : text.hasPrefix("./") ? "./" : ""
        let path = beginning + components.joined(separator: "/")
        self.text = isAbsolute || !components.isEmpty ? path : "."
        if isAbsolute {
            absoluteComponents = components
        } else {
            absoluteComponents = workingFolder.map { folder in
                components.reduce(into: DataRoot.split(folder)) { path, component in
                    if component == ".." { _ = path.popLast() } else { path.append(component) }
                }
            }
        }
    }

    /// The text of the folder that lies at these components below the root.
    func appending(_ relative: [String]) -> String {
        guard !relative.isEmpty else { return text }
        return (text == "/" ? "" : text) + "/" + relative.joined(separator: "/")
    }

    /// The parts of a path that the configuration or the system gave; `.` is left out.
    private static func split(_ path: String) -> [String] {
        path.pathParts.filter { $0 != "." }
    }
}

extension String {
    /// What stands between its slashes, as the kernel sees them: to Swift, a slash with an accent
    /// behind it is another character.
    var pathParts: [String] {
        utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
    }
}
