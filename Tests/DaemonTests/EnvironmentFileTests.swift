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

    @Test(arguments: [
        "API_TOKEN=abc", "  API_TOKEN=abc", "\tAPI_TOKEN=abc", "API_TOKEN = abc",
        "API_TOKEN=abc # token", "API_TOKEN=abc # the team's token", "API_TOKEN=abc\t# \"token\"",
        "API_TOKEN=abc\r", "\u{FEFF}API_TOKEN=abc", "\u{FEFF}  export API_TOKEN='abc'\r",
        "export API_TOKEN=abc", "export\tAPI_TOKEN=abc", "API_TOKEN=\"abc\" # it's ours",
        "api_token=abc", "Api_Token = 'abc'", "API_TOKEN=old\nAPI_TOKEN=abc   ",
        "# don't\nAPI_TOKEN=abc\n# '", "API_TOKEN=\"abc\"   ",
    ])
    func `one value is read however it is written`(file: String) {
        let reader = EnvironmentReader(environment: [:], file: file, secrets: [])
        #expect(reader.mistakes.isEmpty)
        #expect(reader.values == ["API_TOKEN": "abc"])
    }

    @Test(arguments: ["A=\"abc", "A='it''s'", "A=\"abc\"d", "A='abc'#", "A='a' 'b'", "1A=b", "A='"])
    func `a line that is cut off or joined wrongly is refused`(line: String) {
        var mistakes: [String] = []
        let values = EnvironmentFile.assignments(in: "B=1\n\(line)\nC=1", mistakes: &mistakes)
        #expect(values == ["B": "1", "C": "1"])
        #expect(mistakes.count == 1)
        #expect(mistakes.allSatisfy { $0.hasPrefix(".env line 2: ") && !$0.contains("abc") })
    }

    @Test(arguments: [
        ("${TOKEN}", nil), ("x${TOKEN}y", nil), (#""${TOKEN}""#, nil), (#""x\\${TOKEN}""#, nil),
        ("${HOME}/${X}", nil), (#""${HOME}/${X}""#, nil), ("a$$b$c$", nil),
        ("'${TOKEN}'", "${TOKEN}"), (#""\${TOKEN}""#, "${TOKEN}"), ("'a$$b$c$'", "a$$b$c$"),
        ("${HOME}/data", "${HOME}/data"), (#""${HOME}/data""#, "${HOME}/data"),
    ])
    func `a reference that others replace is refused, and one way to write it is not`(
        written: String, value: String?
    ) {
        var mistakes: [String] = []
        let values = EnvironmentFile.assignments(in: "LOG_FILE=\(written)", mistakes: &mistakes)
        #expect(values["LOG_FILE"] == value)
        #expect(mistakes.isEmpty == (value != nil))
        #expect(mistakes.allSatisfy { $0.hasPrefix(".env line 1: LOG_FILE: a $ stands") })
    }

    @Test(arguments: [
        ("API_TOKEN=a\nLOG_LEVEL=info\nAPI_TOKEN=b", "b", "the last one"),
        ("API_TOKEN=a\n\napi_token=b", "a", "the one in capitals"),
        ("API_TOKEN=a\n#\nAPI_TOKEN=", nil, "the last one"),
    ])
    func `a name that is set twice is warned of, without its values`(
        file: String, value: String?, winner: String
    ) throws {
        let reader = EnvironmentReader(environment: [:], file: file, secrets: [])
        #expect(reader.values["API_TOKEN"] == value)
        let warning = ".env lines 1 and 3 both set API_TOKEN; \(winner) counts. Remove the other"
        #expect(reader.warnings == [warning])
    }

    @Test func `between double quotes a backslash protects what a shell would replace`() {
        var mistakes: [String] = []
        let values = EnvironmentFile.assignments(
            in: #"A="a\"b\\c\$d\`e'f"\#nB='a\"b$c`d'"#, mistakes: &mistakes)
        #expect(mistakes.isEmpty)
        #expect(values == ["A": #"a"b\c$d`e'f"#, "B": #"a\"b$c`d"#])
    }

    @Test(arguments: [
        "pa$$word", "$NAME", "a${NAME}b", "$(id)", "a`id`", "$1", "a$-b", "$?", "$!x", "x$@", "$*",
        #"ab\cd"#, #"a\ b"#, #"ab\"#, #"a"b"#, "a'b", "it's", #"a"b"c"#, #"["a",'b']"#, "$HOME/x",
        #""$NAME""#, #""a${NAME}""#, #""$$""#, #""$(id)""#, #""`id`""#, #""ab\cd""#, #""a\nb""#,
        #""$HOME""#,
    ])
    func `what a shell or Compose reads otherwise is refused, with the way to write it`(
        value: String
    ) {
        var mistakes: [String] = []
        let text = "B=1\nAPI_TOKEN=\(value) # ours\n"
        let values = EnvironmentFile.assignments(in: text, mistakes: &mistakes)
        #expect(values == ["B": "1"])
        #expect(mistakes.count == 1)
        let mark = value.contains("'") ? "double" : "single"
        #expect(mistakes.allSatisfy { $0.hasPrefix(".env line 2: API_TOKEN: ") })
        #expect(mistakes.allSatisfy { $0.contains("between \(mark) quotation marks") })
        #expect(mistakes.allSatisfy { !$0.contains(value) })
    }

    @Test(arguments: [
        ("a$", "a$"), ("a$ b", "a$ b"), ("$", "$"), ("5$/day", "5$/day"), ("a$.b", "a$.b"),
        (#""a$""#, "a$"), (#""a$ b""#, "a$ b"), (#""$'""#, "$'"), ("a#b;c&d|e", "a#b;c&d|e"),
        ("'pa$$word'", "pa$$word"), (#"'ab\cd'"#, #"ab\cd"#), (#"'a"b'"#, #"a"b"#),
        (#""it's""#, "it's"), ("'`id`'", "`id`"), ("'$NAME'", "$NAME"),
    ])
    func `what a shell takes literally is taken literally`(written: String, value: String) {
        let reader = EnvironmentReader(environment: [:], file: "API_TOKEN=\(written)", secrets: [])
        #expect(reader.mistakes.isEmpty)
        #expect(reader.values == ["API_TOKEN": value])
    }

    @Test(arguments: ["$HOME/x", "${HOME}/x", "\"$HOME/x\"", "$HOME", "/srv/a$", #"D:\x"#])
    func `the home folder in a path, and its other mistakes, are left to the reader of paths`(
        path: String
    ) {
        var mistakes: [String] = []
        for name in ["DEFAULT_OUTPUT_PATH", "database_url", "LOG_FILE", "SSL_CERT_DIR"] {
            let values = EnvironmentFile.assignments(in: "\(name)=\(path)", mistakes: &mistakes)
            #expect(values.count == 1)
        }
        #expect(mistakes.isEmpty)
        _ = EnvironmentFile.assignments(in: "LOG_FILE=$HOMER/x", mistakes: &mistakes)
        #expect(mistakes.count == 1)
    }

    @Test(arguments: [
        "alice,bob", #"["alice","bob"]"#, "['alice', 'bob']", #"[ "alice" , "bob" ] # two"#,
        #"alice,"bob""#, "alice;bob", "'alice,bob'", "alice, 'bob'",
    ])
    func `a list is understood however it is written`(list: String) {
        var reader = EnvironmentReader(
            environment: [:], file: "ALLOWED_USERS=\(list)", secrets: [])
        #expect(reader.list("ALLOWED_USERS") == ["alice", "bob"])
        #expect(reader.mistakes.isEmpty)
    }

    @Test func `a secret like a variable is taken from the file, where it was quoted, only`() {
        for (file, secret) in [("A='$abc'", "$abc"), ("A=\"\\${x}\"", "${x}")] {
            var reader = EnvironmentReader(environment: [:], file: file, secrets: ["A"])
            #expect(reader.secret("A") == secret)
            #expect(reader.mistakes.isEmpty)
        }
        var reader = EnvironmentReader(
            environment: ["A": "$abc"], file: "A='$abc'", secrets: ["A"])
        #expect(reader.secret("A") == nil)
        #expect(reader.mistakes.count == 1)
    }

    @Test(arguments: [
        "abc", "a b", "it's", #"a"b"#, "a # b", #"\"#, #"\\"#, "$HOME", "`id`", "$(id)", " a ",
        "#a",
        "'a'", #"\n"#, "é ü", "!!", "a=b", "a;b", "*",
    ])
    func `what is written is read again`(value: String) throws {
        var mistakes: [String] = []
        let line = try #require(EnvironmentFile.line("A", value))
        #expect(EnvironmentFile.assignments(in: line, mistakes: &mistakes) == ["A": value])
        #expect(mistakes.isEmpty)
        #expect(EnvironmentFile.line("A", value + "\nB=1") == nil)
    }
}
