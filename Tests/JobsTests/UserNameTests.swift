// The one spelling of a name.

import Jobs
import Testing

@Suite struct UserNameTests {
    @Test(arguments: [
        ("ann", "ann"), ("", ""), ("jose\u{301}", "jos\u{E9}"), ("jos\u{E9}", "jos\u{E9}"),
        // Two marks in either order, a sign that stands for another, Hangul, one left apart.
        ("a\u{301}\u{323}", "\u{1EA1}\u{301}"), ("a\u{323}\u{301}", "\u{1EA1}\u{301}"),
        ("\u{212B}", "\u{C5}"), ("\u{1100}\u{1161}\u{11A8}", "\u{AC01}"),
        ("\u{958}", "\u{915}\u{93C}"), ("\u{1F600}", "\u{1F600}"),
    ])
    func `signs are composed`(written: String, canonical: String) {
        #expect(UserName.canonical(written).utf8.elementsEqual(canonical.utf8))
        #expect(Principal(name: written).name.utf8.elementsEqual(canonical.utf8))
        let filter = JobFilter(user: written)
        #expect(filter.user?.utf8.elementsEqual(canonical.utf8) == true)
    }
}
