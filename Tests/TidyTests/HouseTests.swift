// The rules of imports: which floor, adapter, technology and capability may import which. README's
// "Layout" explains them.

import Glibc
import Testing

@Suite struct HouseTests {
    static let floors = ["System", "Toolkit", "Domain", "Adapters", "Programs"]

    /// Floor by module name, for every target of the project.
    static let floorOfModule: [String: String] = Dictionary(
        SourceTree.sources.compactMap { file in
            file.floor.map { (file.target.replacing("-", with: "_"), $0) }
        }, uniquingKeysWith: { first, _ in first })

    @Test func `finds the sources at all`() {
        #expect(SourceTree.sources.count > 50)
        #expect(SourceTree.tests.count > 20)
    }

    @Test(arguments: SourceTree.sources)
    func `imports point to the same floor or one above`(file: SourceFile) throws {
        let own = try #require(HouseTests.floors.firstIndex(of: file.floor ?? ""))
        for module in file.imports {
            guard let floor = HouseTests.floorOfModule[module] else { continue }
            let imported = try #require(HouseTests.floors.firstIndex(of: floor))
            #expect(imported <= own, "\(file.path) imports \(module), which stands below it")
        }
    }

    @Test(arguments: SourceTree.sources.filter { $0.floor == "Adapters" })
    func `adapters import no adapter but the wire types`(file: SourceFile) {
        for module in file.imports where HouseTests.floorOfModule[module] == "Adapters" {
            #expect(module == "APITypes" || module == file.target, "\(file.path) imports \(module)")
        }
    }

    @Test(arguments: SourceTree.sources.filter { $0.floor == "Domain" })
    func `the domain knows no technology`(file: SourceFile) {
        let allowed = [
            "Concurrency", "Datasets", "Jobs", "Queue", "Logging", "Synchronization", "Dispatch",
            "Swift",
        ]
        for module in file.imports {
            #expect(allowed.contains(module), "\(file.path) imports \(module)")
        }
    }

    @Test(arguments: SourceTree.sources)
    func `a target declares every target that its files import`(file: SourceFile) throws {
        let modules = Set(file.imports).filter {
            HouseTests.floorOfModule[$0] != nil
                || $0.hasPrefix("C")
                    && "CLinux CSQLite CCurl CISAL"
                        .split(separator: " ").contains(Substring($0))
        }
        guard !modules.isEmpty else { return }
        let declaration = try #require(
            SourceTree.manifest.firstRange(of: "\"\(file.target)\", uses: [")
                ?? SourceTree.manifest.firstRange(of: "\"\(file.target)\","),
            "\(file.target) is not in Package.swift")
        let rest = SourceTree.manifest[declaration.upperBound...]
        let end = rest.firstRange(of: "]")?.lowerBound ?? rest.endIndex
        for module in modules where module != file.target {
            #expect(
                rest[..<end].contains("\"\(module)\""), "\(file.target) uses \(module) undeclared")
        }
    }

    @Test(arguments: SourceTree.sources)
    func `nothing links full Foundation`(file: SourceFile) {
        #expect(!file.imports.contains("Foundation"))
        #expect(!file.imports.contains("FoundationNetworking"))
    }

    /// Which targets may import a technology, by the technology's module.
    static let usersOfTechnology: [String: Set<String>] = [
        "CLinux": ["Posix", "Daemon"], "CCrashReport": ["Posix"], "CSQLite": ["SQLite"],
        "CCurl": ["Curl"], "CISAL": ["Gzip"],
        "SQLite": ["SQLiteStore"], "Gzip": ["Tardis"],
        "HTTP": ["HTTPServer", "API", "Daemon"], "HTTPServer": ["Daemon"],
        "Curl": ["Tardis", "Notifiers", "APIClient", "Daemon", "download-client"],
        "Crypto": ["SQLiteStore", "Tardis", "API"], "Configuration": ["Daemon"],
        "ArgumentParser": ["download-client"],
    ]

    @Test(arguments: SourceTree.sources)
    func `a technology is imported only by the targets made for it`(file: SourceFile) {
        for module in file.imports {
            guard let users = HouseTests.usersOfTechnology[module], module != file.target else {
                continue
            }
            #expect(users.contains(file.target), "\(file.path) imports \(module)")
        }
    }

    /// All that the files of a capability's folder may import, by folder.
    static let importsOfCapability: [String: Set<String>] = [
        "Sources/Toolkit/HTTP/": ["Bytes", "Dispatch"],
        "Sources/Domain/Datasets/": [],
        "Sources/Domain/Jobs/Model/": ["Datasets", "Swift", "Synchronization"],
        "Sources/Domain/Jobs/Submission/": ["Datasets"],
        "Sources/Domain/Jobs/Commands/": ["Concurrency", "Datasets"],
        "Sources/Domain/Jobs/Ports/": ["Concurrency", "Datasets"],
        "Sources/Domain/Queue/Scheduling/": ["Datasets", "Jobs"],
        "Sources/Domain/Queue/Recovery/": ["Datasets", "Jobs"],
        "Sources/Adapters/Tardis/Verify/": [
            "Bytes", "Concurrency", "Crypto", "Datasets", "Glibc", "Gzip", "Jobs", "Posix",
        ],
    ]

    @Test(arguments: importsOfCapability.keys.sorted())
    func `a capability imports only what it is made of`(folder: String) throws {
        let allowed = try #require(HouseTests.importsOfCapability[folder])
        let files = SourceTree.sources.filter { $0.path.hasPrefix(folder) }
        #expect(!files.isEmpty, "\(folder) does not exist")
        for file in files {
            for module in file.imports {
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test(arguments: ["Submission", "Commands", "Queue", "Recovery"])
    func `a capability has the same name in the domain and in the store`(name: String) {
        let store = "Sources/Adapters/SQLiteStore/\(name)"
        #expect(
            SourceTree.sources.contains {
                $0.floor == "Domain" && $0.path.contains("/\(name)/")
            })
        #expect(
            SourceTree.sources.contains {
                $0.path == store + ".swift" || $0.path.hasPrefix(store + "/")
            })
    }

    /// What a tool leaves behind is soon committed with everything else.
    @Test func `the top level holds what it is to hold, besides dot files`() throws {
        guard let stream = popen("git -C '\(SourceTree.root)' ls-files 2>&1", "r") else { return }
        var text: [UInt8] = []
        while case let byte = fgetc(stream), byte != EOF { text.append(UInt8(byte)) }
        guard pclose(stream) == 0 else {
            print("skipped: this is no clone")
            return
        }
        let paths = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let names = Set(paths.map { String($0.prefix { $0 != "/" }) }).filter { !$0.hasPrefix(".") }
        #expect(
            names == [
                "Dockerfile", "INTERN_GUIDE.md", "Makefile", "Package.swift", "README.md",
                "Sources", "Tests", "docker-compose.yml", "setup.sh",
            ])
    }
}
