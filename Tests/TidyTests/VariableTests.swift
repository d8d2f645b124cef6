// Every variable that the service reads stands wherever people look for it.

import Testing

@Suite struct VariableTests {
    /// The names in the files that know them.
    static let names: [String] = {
        let reader = ["SettingsReader", "SettingsReader+Limits"].map { name in
            SourceTree.text(of: "Sources/Programs/Daemon/Configuration/\(name).swift")
        }.joined()
        let quoted = reader.split(separator: "\"").map(String.init).filter { text in
            text.count > 4 && text.allSatisfy { $0.isUppercase || $0 == "_" }
        }
        // The proxies' variables are libcurl's; the service only looks whether they are set.
        return Set(quoted).filter { !$0.hasSuffix("_PROXY") }.sorted()
    }()

    @Test func `there are variables to look for`() {
        #expect(VariableTests.names.count >= 30)
    }

    @Test(arguments: names) func `a variable is explained and handed on`(name: String) {
        #expect(SourceTree.text(of: ".env.example").contains("#\(name)="))
        #expect(SourceTree.text(of: "README.md").contains("| `\(name)` |"))
        #expect(SourceTree.text(of: "docker-compose.yml").contains("      \(name):"))
    }
}
