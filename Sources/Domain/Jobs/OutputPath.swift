// Where a job's files go: the text of a request, understood as a folder at or below the data root,
// or refused. Purely lexical; links are the business of whoever opens the folder.

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

    /// Understands a path as the predecessor's users wrote it.
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
        return part.indices.contains { place in
            guard part[place] == "$", let next = part[place...].dropFirst().first else {
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
