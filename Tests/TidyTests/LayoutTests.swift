// README's "Layout" agrees with the tree: its floors and targets, and every file that it names.

import Testing

@Suite struct LayoutTests {
    private static let journeyHeading = "\n### The way of a request and of a job\n"

    /// The section about the layout, with its subsections.
    static let layout = section("\n## Layout, and how to change it\n", until: "\n## ")
    /// The page for newcomers.
    static let journey = section(journeyHeading, until: "\n##")

    @Test(arguments: HouseTests.floors) func `the layout names every target`(floor: String) throws {
        let row = try #require(
            LayoutTests.layout.split(separator: "\n").first {
                $0.hasPrefix("| `Sources/\(floor)` |")
            })
        for target in Set(SourceTree.sources.filter { $0.floor == floor }.map(\.target)) {
            #expect(row.contains("`\(target)`"), "README's layout does not name \(target)")
        }
    }

    @Test func `every file that the layout names exists`() {
        let paths = (SourceTree.sources + SourceTree.tests).map(\.path)
        for name in LayoutTests.files(in: LayoutTests.layout) {
            #expect(paths.contains { $0.hasSuffix("/\(name)") }, "there is no \(name)")
        }
    }

    @Test func `every file on the way of a request and of a job exists`() {
        let paths = Set(SourceTree.sources.map(\.path))
        let names = LayoutTests.files(in: LayoutTests.journey)
        #expect(names.count >= 30)
        for name in names {
            #expect(paths.contains("Sources/\(name)"), "there is no Sources/\(name)")
        }
    }

    /// The Swift files that a text names between backquotes.
    private static func files(in text: Substring) -> [Substring] {
        text.split(separator: "`").filter { $0.hasSuffix(".swift") && !$0.contains(" ") }
    }

    private static func section(_ heading: String, until next: String) -> Substring {
        let readme = SourceTree.text(of: "README.md")
        guard let start = readme.firstRange(of: heading)?.upperBound else { return "" }
        let rest = readme[start...]
        return rest[..<(rest.firstRange(of: next)?.lowerBound ?? rest.endIndex)]
    }
}
