// Entity tags: reading, comparing, and the lists of If-Match and If-None-Match.

import Testing

@testable import HTTP

@Suite struct EntityTagTests {
    /// The comparisons of RFC 9110 §8.8.3.2, table 3.
    @Test(
        arguments: [
            (#"W/"1""#, #"W/"1""#, false, true), (#"W/"1""#, #"W/"2""#, false, false),
            (#"W/"1""#, #""1""#, false, true), (#""1""#, #""1""#, true, true),
            (#""1""#, #""01""#, false, false), (#""""#, #""""#, true, true),
            // Two spellings of one letter are two tags: bytes decide, not characters.
            ("\"e\u{301}\"", "\"\u{e9}\"", false, false),
        ])
    func `compares tags strongly and weakly`(
        left: String, right: String, isStronglyEqual: Bool, isWeaklyEqual: Bool
    ) throws {
        let (left, right) = (try #require(tag(left)), try #require(tag(right)))
        #expect(left.isStronglyEqual(to: right) == isStronglyEqual)
        #expect(right.isStronglyEqual(to: left) == isStronglyEqual)
        #expect(left.isWeaklyEqual(to: right) == isWeaklyEqual)
    }

    @Test(arguments: [#""abc""#, #"W/"abc""#, #""""#, #""a,b\c""#])
    func `writes a tag as it was read`(text: String) {
        #expect(tag(text)?.text == text)
    }

    @Test func `writes its own tags`() {
        #expect(EntityTag("a-1").text == #""a-1""#)
        #expect(EntityTag("a-1", isWeak: true).text == #"W/"a-1""#)
    }

    @Test(
        arguments: [
            "", "abc", "\"", "\"abc", "abc\"", #"w/"abc""#, #"W"abc""#, #"W/abc"#, #"W/ "abc""#,
            "\"a b\"", "\"a\tb\"", "\"a\u{7f}\"", "'abc'", #""a"b"#,
        ])
    func `takes nothing else for a tag`(text: String) {
        #expect(tag(text) == nil)
    }

    @Test(
        arguments: [
            (#""a""#, [#""a""#]), (#""a", W/"b" ,"c""#, [#""a""#, #"W/"b""#, #""c""#]),
            (#" , "a",, "b","#, [#""a""#, #""b""#]), (#""a,b","c""#, [#""a,b""#, #""c""#]),
            ("", []), (",", []), (#""a" "b""#, []), (#""a""b""#, []), (#""a", b"#, []),
            (#""a", *"#, []), ("*, *", []), ("abc", []), (#""a"#, []),
        ] as [(String, [String])])
    func `reads lists, or nothing of what is none`(field: String, wanted: [String]) {
        #expect(EntityTagList(field) == .tags(wanted.compactMap { tag($0) }))
    }

    @Test func `reads the star as whatever there is`() {
        #expect(EntityTagList("*") == .any)
        #expect(EntityTagList("*").names(EntityTag("a"), by: EntityTag.isStronglyEqual))
    }

    /// A tag and nothing behind it.
    private func tag(_ text: String) -> EntityTag? {
        var bytes = Array(text.utf8)[...]
        let tag = EntityTag(at: &bytes)
        return bytes.isEmpty ? tag : nil
    }
}
