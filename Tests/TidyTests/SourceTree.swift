// The project's own sources as text, for the tests that read them.

import FoundationEssentials
import Testing

/// One Swift file of the project.
struct SourceFile: Sendable, CustomTestStringConvertible {
    /// From the project's root, such as `Sources/Toolkit/HTTP/Request.swift`.
    let path: String
    let lines: [Substring]

    var testDescription: String { path }

    /// The floor it stands on, `nil` for tests.
    var floor: String? {
        let parts = path.split(separator: "/")
        return parts[0] == "Sources" ? String(parts[1]) : nil
    }

    /// The target it belongs to.
    var target: String {
        let parts = path.split(separator: "/")
        return String(parts[0] == "Sources" ? parts[2] : parts[1])
    }

    /// The modules it imports.
    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ").filter {
                !$0.hasPrefix("@") && $0 != "package" && $0 != "public" && $0 != "internal"
            }
            guard words.first == "import", let module = words.last else { return nil }
            return String(module.split(separator: ".")[0])
        }
    }
}

enum SourceTree {
    /// The project's root, found from this file's own place.
    static let root: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    static let sources = files(below: "Sources")
    static let tests = files(below: "Tests")
    static let manifest = text(of: "Package.swift")

    static func text(of path: String) -> String {
        let data = FileManager.default.contents(atPath: "\(root)/\(path)") ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    private static func files(below folder: String) -> [SourceFile] {
        let paths =
            (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let path = "\(folder)/\(path)"
            let lines = text(of: path).split(separator: "\n", omittingEmptySubsequences: false)
            return SourceFile(path: path, lines: lines)
        }
    }
}
