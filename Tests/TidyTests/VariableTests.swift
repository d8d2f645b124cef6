// Every variable that the service reads is explained in `.env.example` and README.

import Testing

@Suite struct VariableTests {
    /// The names in the file that reads them.
    static let names: [String] = {
        let reader = SourceTree.text(
            of: "Sources/Programs/Daemon/Configuration/SettingsReader.swift")
        let quoted = reader.split(separator: "\"").map(String.init).filter { text in
            text.count > 4 && text.allSatisfy { $0.isUppercase || $0 == "_" }
        }
        // The proxies' variables are libcurl's; the service only looks whether they are set.
        return Set(quoted).filter { !$0.hasSuffix("_PROXY") }.sorted()
    }()

    @Test func `there are variables to look for`() {
        #expect(VariableTests.names.count >= 30)
    }

    @Test(arguments: names) func `a variable is explained`(name: String) {
        #expect(SourceTree.text(of: ".env.example").contains("#\(name)="))
        #expect(SourceTree.text(of: "README.md").contains("| `\(name)` |"))
    }

    @Test func `compose takes of .env what the machine has to do with, and the rest not`() {
        let compose = SourceTree.text(of: "docker-compose.yml")
        let taken = Set(compose.matches(of: /\$\{([A-Z_]+)/).map { String($0.1) })
        #expect(
            taken == [
                "API_ADDRESS", "API_PORT", "SERVICE_USER", "DATA_VOLUME", "BACKUPS_VOLUME",
                "DATASETS_VOLUME", "LOGS_VOLUME", "SETTINGS_FOLDER",
            ])
        // By name alone, which takes them from .env as well.
        let settings = compose.split(separator: "environment:")[1].split(separator: "ports:")[0]
        let byName = settings.matches(of: /\n {6}([A-Za-z_]+):(?=\n)/).map { String($0.1) }
        #expect(byName.allSatisfy { $0.uppercased().hasSuffix("_PROXY") } && byName.count == 8)
        for name in taken.subtracting(["SETTINGS_FOLDER"]) {
            #expect(SourceTree.text(of: ".env.example").contains("#\(name)="))
            #expect(SourceTree.text(of: "README.md").contains("`\(name)`"))
        }
    }
}
