import Testing

@testable import Daemon

@Suite struct EnvironmentFileTests {
    @Test func `understands comments, quotes, export and spaces`() {
        var mistakes: [String] = []
        let values = EnvironmentFile.assignments(
            in: """
                # a comment
                A=1
                export B = two words # and a comment
                C="quoted # not a comment"
                D='single'

                E=
                F=a=b
                A=2\r
                """, mistakes: &mistakes)
        #expect(mistakes.isEmpty)
        #expect(values["A"] == "2")
        #expect(values["B"] == "two words")
        #expect(values["C"] == "quoted # not a comment")
        #expect(values["D"] == "single")
        #expect(values["E"] == "")
        #expect(values["F"] == "a=b")
    }

    @Test func `a comment may stand where a value could`() {
        var mistakes: [String] = []
        let values = EnvironmentFile.assignments(
            in: "A= # everybody\nB=\t# none\nC=x\t# tab\nD=#fff\nE=a#b\n", mistakes: &mistakes)
        #expect(mistakes.isEmpty)
        #expect(values == ["A": "", "B": "", "C": "x", "D": "#fff", "E": "a#b"])
    }

    @Test func `a file saved on Windows is understood`() {
        var mistakes: [String] = []
        let values = EnvironmentFile.assignments(
            in: "\u{FEFF}A=1\r\nB=\"2\"\r\n", mistakes: &mistakes)
        #expect(mistakes.isEmpty)
        #expect(values == ["A": "1", "B": "2"])
    }

    @Test func `names the line of a mistake, and not its content`() {
        var mistakes: [String] = []
        _ = EnvironmentFile.assignments(in: "A=1\nhalf-a-secret\n", mistakes: &mistakes)
        #expect(mistakes == [".env line 2: expected NAME=value"])
    }
}
