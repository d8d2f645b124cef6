// The syntax and the output of `limits`.

import APITypes
import ArgumentParser
import JSON
import TestSupport
import Testing

@testable import download_client

@Suite struct LimitsCommandTests {
    private func parse(_ line: String) throws -> LimitsCommand {
        let words = line.split(separator: " ").map(String.init)
        return try #require(try RootCommand.parseAsRoot(words) as? LimitsCommand)
    }

    @Test func `changes are numbers or the default`() throws {
        #expect(try parse("limits").changes() == [:])
        let command = try parse(
            "limits --set transfers=8 --set bytes_per_second=default --set=running_jobs=2 --url u")
        #expect(
            try command.changes() == ["transfers": 8, "bytes_per_second": nil, "running_jobs": 2])
        #expect(command.common.url == "u")
    }

    @Test(arguments: [
        "transfers", "transfers=", "=8", "transfers=8=9", "transfers=many", "transfers=1.5",
    ])
    func `any other value is a mistake that shows the syntax`(text: String) throws {
        let command = try parse("limits --set \(text)")
        let mistake = #expect(throws: UsageMistake.self) { try command.changes() }
        #expect(mistake?.message.contains("transfers=8") == true)
    }

    @Test func `limits are a table`() throws {
        let answer = try JSONCoding.decode(
            LimitsResponse.self,
            from: Array(
                """
                {"transfers":{"value":8,"default":16,"changed_by":"ann\\u001b",
                "changed_at":"2025-11-13T10:20:30.123456Z"},
                "new":{"value":1,"default":1,"changed_by":null,"changed_at":null,"more":true}}
                """.utf8))
        let lines = LimitsText.table(answer)
        #expect(lines.count == 3)
        #expect(lines[0] == "LIMIT      VALUE  DEFAULT  CHANGED BY  CHANGED AT")
        #expect(lines[1] == "new            1        1  -           -")
        #expect(lines[2].hasPrefix("transfers      8       16  ann"))
        #expect(!lines[2].contains("\u{1B}"))
    }
}
