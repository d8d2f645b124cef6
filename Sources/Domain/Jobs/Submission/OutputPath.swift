// The folder of a job's files: parses the text of a request as a folder at or below the data root.
// Purely lexical; links are checked when the folder is opened.

import Datasets

/// A folder at or below the data root.
package struct OutputPath: Hashable, Sendable {
    /// Characters in a path at most: the width of the database's column.
    package static let charactersMax = 500
    /// Bytes in one component at most: `NAME_MAX` of Linux.
    package static let componentBytesMax = 255
    /// Folders below the data root at most: each stays until retention finds it empty.
    package static let componentsMax = 8

    /// The folder as its owner knows it: the data root's text, and what lies below it.
    package let text: String
    /// The folders to go through from the data root; empty for the root itself.
    package let components: [String]

    /// Parses a path as the predecessor's users wrote it.
    ///
    /// `nil` and the empty text mean the root. A relative path that names the root or begins with
    /// it means that folder (`./datasets/btc`, also where the root is `/srv/datasets`); any other
    /// relative path is taken below the root. An absolute one must lie inside the root. Several
    /// slashes count as one.
    ///
    /// - Throws: what is wrong with the path and what to write instead.
    package init(_ written: String?, below root: DataRoot) throws(OutputPathError) {
        let path = written ?? ""
        try OutputPath.checkCharacters(of: path)
        var parts = path.pathParts
        let isAbsolute = path.utf8.first == UInt8(ascii: "/")
        if !isAbsolute, parts.first == "." { parts.removeFirst() }
        // The root's own part of the path is the operator's choice, dots and all.
        components = try OutputPath.relative(parts, isAbsolute: isAbsolute, to: root)
        if let first = components.first, first.last == ":" { throw .url(first) }
        for component in components { try OutputPath.check(component) }
        text = root.appending(components)
        guard text.unicodeScalars.count <= OutputPath.charactersMax else {
            throw .tooLong
        }
    }

    /// What holds for new jobs only: folders of earlier ones stay in use.
    ///
    /// - Throws: ``OutputPathError/tooDeep`` or ``OutputPathError/reserved(_:)``.
    package func checkForNewJob() throws(OutputPathError) {
        guard components.count <= OutputPath.componentsMax else { throw .tooDeep }
        if let part = components.first(where: OutputPath.isReserved) { throw .reserved(part) }
    }

    private static func relative(
        _ parts: [String], isAbsolute: Bool, to root: DataRoot
    ) throws(OutputPathError) -> [String] {
        if isAbsolute {
            guard let base = root.absoluteComponents, starts(parts, with: base) else {
                throw .outside(root: root.text)
            }
            return Array(parts.dropFirst(base.count))
        }
        // An absolute root is known to users by its last component: the predecessor's `./datasets`
        // goes on working when the root becomes /srv/datasets.
        let name = root.isAbsolute ? Array(root.components.suffix(1)) : root.components
        return starts(parts, with: name) ? Array(parts.dropFirst(name.count)) : parts
    }

    /// Compares bytes: to the file system, two spellings of `é` are two names.
    private static func starts(_ parts: [String], with base: [String]) -> Bool {
        parts.count >= base.count
            && zip(parts, base).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    private static func checkCharacters(of path: String) throws(OutputPathError) {
        guard path.unicodeScalars.count <= charactersMax else { throw .tooLong }
        for scalar in path.unicodeScalars {
            guard scalar.isPrintable else { throw .unprintable }
            if scalar == "\\" { throw .backslash }
        }
    }

    /// Whether a shell or a command line of Windows would replace it: `$HOME`, `${X}`, `%TEMP%`.
    private static func isVariable(_ part: String) -> Bool {
        if part.utf8.contains(UInt8(ascii: "`")) { return true }
        if part.count > 2, part.first == "%", part.last == "%" { return true }
        return part.indices.contains { index in
            guard part[index] == "$", let next = part[index...].dropFirst().first else {
                return false
            }
            return next.isASCII && next.isLetter || "_{(".contains(next)
        }
    }

    /// Whether a folder of this name would be in the way of a file: of a dataset, of what it is
    /// written to, of what is put aside, or of the sums. Some file systems ignore case.
    private static func isReserved(_ part: String) -> Bool {
        var name = part.lowercased()[...]
        if name == "sha256sums" { return true }
        let endings = [".part", ".quarantine"]
        guard !endings.contains(where: { name.hasSuffix($0) }) else { return true }
        // The capital of incremental_book_L2 counts in names of datasets.
        name = part[...]
        return DatasetFile.isName(name) || DatasetFile.isName(name.lowercased())
            || DatasetFile.isName(name.lowercased().replacing("book_l2", with: "book_L2"))
    }

    private static func check(_ part: String) throws(OutputPathError) {
        if part == ".." { throw .parent }
        if part.utf8.first == UInt8(ascii: ".") { throw .hidden(part) }
        if part.utf8.first == UInt8(ascii: "~") { throw .home }
        if part.utf8.count > componentBytesMax { throw .componentTooLong }
        let edges = [part.unicodeScalars.first, part.unicodeScalars.last]
        if edges.contains(where: { $0?.properties.isWhitespace == true }) || part.last == "." {
            throw .badEdge(part)
        }
        if isVariable(part) { throw .variable(part) }
        let ends = [part.utf8.first, part.utf8.last]
        if ends.contains(UInt8(ascii: "\"")) || ends.contains(UInt8(ascii: "'")) {
            throw .quoted(part)
        }
    }
}

/// What is wrong with an output path.
package enum OutputPathError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It contains `..`.
    case parent
    /// It is absolute, and not inside the data root.
    case outside(root: String)
    /// It passes through a link that leads out of the data root.
    case linkLeadsOut(root: String)
    /// A component begins with a dot.
    case hidden(String)
    case home
    /// A shell would replace a part of the component.
    case variable(String)
    /// The first component ends with a colon, as in a URL or behind the letter of a drive.
    case url(String)
    /// A component has a quotation mark at one end.
    case quoted(String)
    case backslash
    case unprintable
    /// A component begins or ends with a blank, or ends with a dot.
    case badEdge(String)
    case componentTooLong
    case tooLong
    case tooDeep
    /// A component is the name of a dataset or of something that belongs to one.
    case reserved(String)

    package var description: String {
        switch self {
        case .parent:
            "the path may not contain '..'; name a folder below the data folder, such as 'btc'"
        case .outside(let root):
            "the path leads out of the data folder \(root); name a folder below it, such as 'btc'"
        case .linkLeadsOut(let root):
            "the path passes through a link that leads out of the data folder \(root); "
                + "choose another folder"
        case .hidden(let part):
            "the folder '\(part)' begins with a dot; choose a name without it"
        case .home:
            "'~' is not expanded; name a folder below the data folder, such as 'btc'"
        case .variable(let part):
            "variables such as '\(part)' are not replaced; name a folder below the data folder, "
                + "such as 'btc'"
        case .url(let part):
            "'\(part)' begins a URL or names a drive; name a folder below the data folder, such as "
                + "'btc'"
        case .quoted(let part):
            "the folder \(part) has a quotation mark at one end; leave that out"
        case .backslash:
            "folders are separated by '/', not by a backslash"
        case .unprintable:
            "the path contains control or invisible characters; use plain letters and digits"
        case .badEdge(let part):
            "the folder '\(part)' begins or ends with a blank, or ends with a dot; leave that out"
        case .componentTooLong:
            "a folder's name may have at most \(OutputPath.componentBytesMax) bytes; shorten it"
        case .tooDeep:
            "the path may have at most \(OutputPath.componentsMax) folders below the data folder; "
                + "leave some out"
        case .reserved(let part):
            "the folder '\(part)' has a name that belongs to dataset files (NAME.csv.gz, *.part, "
                + "*.quarantine, SHA256SUMS); choose another one, such as 'btc'"
        case .tooLong:
            "the path may have at most \(OutputPath.charactersMax) characters with the data "
                + "folder's own; shorten it"
        }
    }
}

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
