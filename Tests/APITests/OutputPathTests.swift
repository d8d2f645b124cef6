// Output paths in requests, and attempts to leave the data root.

import Jobs
import TestSupport
import Testing

@Suite struct OutputPathTests {
    private static let relative = DataRoot("./datasets", workingFolder: "/app")
    private static let absolute = DataRoot("/srv/datasets/")

    @Test(arguments: [
        (nil, "./datasets"), ("", "./datasets"), ("./datasets", "./datasets"),
        ("datasets", "./datasets"), ("datasets/", "./datasets"), (".", "./datasets"),
        ("./", "./datasets"), ("./datasets/btc", "./datasets/btc"),
        ("datasets/btc", "./datasets/btc"), ("btc", "./datasets/btc"),
        ("./btc/eth", "./datasets/btc/eth"), ("btc//eth/", "./datasets/btc/eth"),
        ("/app/datasets", "./datasets"), ("/app/datasets/x", "./datasets/x"),
        ("datasets/datasets", "./datasets/datasets"), ("datasets2", "./datasets/datasets2"),
        ("tick data/2024", "./datasets/tick data/2024"), ("é/日本", "./datasets/é/日本"),
        ("a..b", "./datasets/a..b"), ("-x", "./datasets/-x"), ("a~", "./datasets/a~"),
        ("US$ 5/5$", "./datasets/US$ 5/5$"), ("a:b/c:", "./datasets/a:b/c:"),
        ("5%/50%", "./datasets/5%/50%"), ("it's", "./datasets/it's"),
    ])
    func `is understood below a relative root`(written: String?, text: String) throws {
        let path = try OutputPath(written, below: OutputPathTests.relative)
        #expect(path.text == text)
        #expect(try OutputPath(path.text, below: OutputPathTests.relative) == path)
    }

    @Test(arguments: [
        (nil, "/srv/datasets"), ("", "/srv/datasets"), ("./datasets", "/srv/datasets"),
        ("./datasets/btc", "/srv/datasets/btc"), ("datasets/btc", "/srv/datasets/btc"),
        ("btc", "/srv/datasets/btc"), ("srv/datasets", "/srv/datasets/srv/datasets"),
        ("/srv/datasets", "/srv/datasets"), ("/srv//datasets//x/", "/srv/datasets/x"),
    ])
    func `is understood below an absolute root`(written: String?, text: String) throws {
        let path = try OutputPath(written, below: OutputPathTests.absolute)
        #expect(path.text == text)
        #expect(try OutputPath(path.text, below: OutputPathTests.absolute) == path)
    }

    @Test func `is understood below unusual roots`() throws {
        for (root, written, text) in [
            (".", nil, "."), (".", "./btc", "./btc"), (".", "btc", "./btc"), ("/", "btc", "/btc"),
            ("/", nil, "/"), ("data/sets", "data/sets/x", "data/sets/x"),
            ("data/sets", "sets/x", "data/sets/sets/x"), ("../shared", "btc", "../shared/btc"),
            ("../shared", "../shared/btc", "../shared/btc"),
            (
                "/home/u/.data", "/home/u/.data/b",
                "/home/u/.data/b"
            ),
        ] as [(String, String?, String)] {
            let path = try OutputPath(written, below: DataRoot(root, workingFolder: "/app"))
            #expect(path.text == text)
        }
        let moved = DataRoot("../shared", workingFolder: "/app/now")
        #expect(try OutputPath("/app/shared/x", below: moved).components == ["x"])
    }

    @Test(arguments: [
        "..", "../", "./..", "../x", "a/..", "a/../..", "a/../../x", "./a/../../x", "/..", "/../x",
        "datasets/..", "datasets/../..", "datasets/../x", "./datasets/../../etc", "a/b/../../../c",
        "/etc", "/etc/passwd", "/", "//", "//etc", "/app", "/app/", "/app/datasets2",
        "/app/dataset",
        "/app/datasets/..", "/app/datasets/../x", "/app/datasets/./x", "/APP/datasets",
        "/app/./datasets", "/app/x/../datasets", "/srv/datasets", "/app/datasets\u{0}/x",
        "/proc/self/root", "/dev/null", ".ssh", "./.ssh", ".hidden/x", "a/.git", "a/.", "././x",
        "a/./b", "...", "x/...", "~", "~/x", "~root", "a/~", "a\u{0}b", "\u{0}", "a\nb", "a\r",
        "a\tb", "\u{1B}[2J", "a\u{7F}", "a\u{202E}b", "a\u{200B}", "\u{2028}", "a\u{FEFF}", #"a\b"#,
        #"..\x"#, #"C:\x"#, " ", "a/ ", " a", "a /b", "a.", "a/b.", "\u{A0}", "a\u{3000}",
        "%2e%2e/\u{1}", "a/../datasets", "$HOME", "$HOME/x", "a/${X}/b", "$(pwd)", "a/`id`",
        "%USERPROFILE%/x", "C:/data", "file:///srv/x", "s3://bucket/x", "\"btc\"", "'btc'/x",
        "a/b\"",
        "/\u{301}etc/passwd", "..\u{2F}\u{301}x", "a/\u{301}/../..",
    ])
    func `never leads out of the root, nor to an invisible name`(written: String) {
        #expect(throws: OutputPathError.self) {
            try OutputPath(written, below: OutputPathTests.relative)
        }
        if written != "/srv/datasets" {
            #expect(throws: OutputPathError.self) {
                try OutputPath(written, below: OutputPathTests.absolute)
            }
        }
    }

    /// What a job keeps of its folder is understood again whenever one of its files is fetched.
    @Test(arguments: [
        "././data", "data/.", "data//sets/", "/srv/./data", "//srv///data/", "../x/../data/", "./.",
        "/srv/x/../data", "/srv/tick data ", "/srv/…/データ", "/srv/a b.", "~x", ".", "/", "..",
        "/srv/.hidden/C:", "./-x", "e\u{301}/é",
    ])
    func `jobs can use a data folder of any name and folders below it`(
        root: String
    ) throws {
        let root = DataRoot(root, workingFolder: "/app")
        for (written, components) in [(nil, []), ("btc/eth", ["btc", "eth"])]
            as [(String?, [String])]
        {
            let path = try OutputPath(written, below: root)
            #expect(path.components == components)
            let again = try OutputPath(path.text, below: root)
            #expect(again == path, "\(path.text)")
            #expect(try OutputPath(again.text, below: root) == path)
        }
    }

    @Test func `is bounded in length`() throws {
        let name = String(repeating: "a", count: 255)
        #expect(try OutputPath(name, below: OutputPathTests.relative).components == [name])
        for (written, problem) in [
            (name + "a", OutputPathError.componentTooLong),
            (String(repeating: "é", count: 128), .componentTooLong),
            (String(repeating: "a/", count: 251), .tooLong),
            (String(repeating: "a/", count: 248), .tooLong),
        ] {
            #expect(throws: problem) {
                try OutputPath(written, below: OutputPathTests.relative)
            }
        }
    }

    @Test func `no absolute path is inside a root without an absolute path`() {
        #expect(throws: OutputPathError.self) {
            try OutputPath("/app/datasets", below: DataRoot("./datasets"))
        }
    }

    @Test func `every problem says what to do`() {
        let problems: [OutputPathError] = [
            .parent, .outside(root: "./datasets"), .linkLeadsOut(root: "./datasets"), .hidden(".x"),
            .home, .variable("$X"), .url("C:"), .quoted("'x'"), .backslash, .unprintable,
            .badEdge("x."), .componentTooLong, .tooLong,
        ]
        for problem in problems { #expect(problem.description.count > 30) }
        #expect(Set(problems.map(\.description)).count == problems.count)
    }

    /// A path that nothing speaks against has to be accepted, so refusing everything does not pass.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `random paths stay below the root, and plain ones get there`(seed: UInt64) {
        let pieces = [
            "..", ".", "/", "//", "a", "datasets", "app", "\u{0}", " ", "~", "é", "srv", "/app",
            "/a", "/datasets",
        ]
        var random = SeededGenerator(seed: seed)
        var acceptedCount = 0
        for _ in 0..<2_500 {
            let count = Int.random(in: 1...8, using: &random)
            let written = (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined()
            for (root, place) in [
                (OutputPathTests.relative, "/app/datasets"),
                (OutputPathTests.absolute, "/srv/datasets"),
            ] {
                let path = try? OutputPath(written, below: root)
                if isPlain(written, inside: place) {
                    #expect(path != nil, "seed \(seed): \(written) is refused")
                }
                guard let path else { continue }
                acceptedCount += 1
                #expect(
                    path.text == root.text || path.text.hasPrefix(root.text + "/"),
                    "seed \(seed): \(written) became \(path.text)")
                #expect(
                    path.components.allSatisfy { part in
                        !part.isEmpty && !part.hasPrefix(".") && !part.contains("/")
                            && !part.contains("\u{0}")
                    }, "seed \(seed): \(written) became \(path.components)")
                #expect(
                    ends(of: written, with: path.components),
                    "seed \(seed): \(written) became \(path.components)")
            }
        }
        #expect(acceptedCount > 500, "too few paths are any good: the test tests nothing")
    }

    /// Whether there is no reason to refuse a path: names without blanks, dots and tildes, and an
    /// absolute one only inside the root's place.
    private func isPlain(_ written: String, inside place: String) -> Bool {
        let parts = written.split(separator: "/")
        guard written.allSatisfy({ $0.isLetter || $0 == "/" }) else { return false }
        let placeParts = place.split(separator: "/")
        return !written.hasPrefix("/") || parts.starts(with: placeParts)
    }

    /// Whether the components are the last ones of the path: a folder's name is never changed.
    private func ends(of written: String, with components: [String]) -> Bool {
        written.split(separator: "/").map(String.init).suffix(components.count)
            .elementsEqual(components)
    }

    @Test(arguments: [
        "binance_trades_2024-01-02_ETHUSDT.csv.gz", "a/SHA256SUMS", "sha256sums/b", "x.part",
        "binance_trades_2024-01-02_ETHUSDT.csv.gz.part", "b/c.quarantine", "X.PART",
        "deribit_INCREMENTAL_BOOK_l2_2024-01-02_BTC-PERPETUAL.CSV.GZ",
    ])
    func `names of dataset files are kept for them`(written: String) throws {
        let path = try OutputPath(written, below: OutputPathTests.relative)
        #expect(throws: OutputPathError.self) { try path.checkForNewJob() }
    }

    @Test(arguments: ["parts", "a.csv.gz", "trades_2024", "a/b/c/d/e/f/g/h", "quarantine"])
    func `names like them are free`(written: String) throws {
        try OutputPath(written, below: OutputPathTests.relative).checkForNewJob()
    }

    @Test func `eight folders are deep enough`() throws {
        let path = try OutputPath("a/b/c/d/e/f/g/h/i", below: OutputPathTests.relative)
        #expect(throws: OutputPathError.tooDeep) { try path.checkForNewJob() }
    }
}
