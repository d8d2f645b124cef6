// The folder that every dataset is written into or below, as the configuration names it. It must
// not touch the disk.

/// The data root: its text, and its parts for comparing paths with it.
package struct DataRoot: Hashable, Sendable {
    /// As configured, without a slash at the end: `./datasets`.
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
        var trimmed = Substring(text)
        while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
        self.text = String(trimmed)
        isAbsolute = trimmed.first == "/"
        let components = DataRoot.split(trimmed)
        self.components = components
        if isAbsolute {
            absoluteComponents = components
        } else {
            absoluteComponents = workingFolder.map { folder in
                components.reduce(into: DataRoot.split(folder[...])) { path, component in
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
    private static func split(_ path: Substring) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }
}
