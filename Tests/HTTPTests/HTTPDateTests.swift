// Dates in the three forms of RFC 9110 §5.6.7.

import TestSupport
import Testing

@testable import HTTP

@Suite struct HTTPDateTests {
    /// 2026-11-26 00:00 UTC.
    static let now: Int64 = 1_795_651_200

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Wed Nov 16 08:49:37 1994", 784_975_777),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
            ("Tue, 29 Feb 2000 12:34:56 GMT", 951_827_696),
            ("Fri, 01 Mar 1901 00:00:00 GMT", -2_172_355_200),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
            // A leap second is one with the next minute's first.
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            // Whether the weekday is that day's does not matter.
            ("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ] as [(String, Int64)])
    func `reads a date`(text: String, seconds: Int64) {
        #expect(HTTPDate.seconds(text, nowSeconds: HTTPDateTests.now) == seconds)
    }

    @Test(
        arguments: [
            ("Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("Monday, 01-Jan-01 00:00:00 GMT", "Mon, 01 Jan 2001 00:00:00 GMT"),
            ("Thursday, 26-Nov-26 00:00:01 GMT", "Thu, 26 Nov 2026 00:00:01 GMT"),
            // Fifty years ahead is still the future, a day more is the past.
            ("Wednesday, 25-Nov-76 00:00:00 GMT", "Wed, 25 Nov 2076 00:00:00 GMT"),
            ("Saturday, 27-Nov-76 12:00:00 GMT", "Sat, 27 Nov 1976 12:00:00 GMT"),
            ("Saturday, 01-Jan-77 00:00:00 GMT", "Sat, 01 Jan 1977 00:00:00 GMT"),
        ])
    func `finds the century of a year of two digits`(short: String, long: String) throws {
        let wanted = try #require(HTTPDate.seconds(long, nowSeconds: HTTPDateTests.now))
        #expect(HTTPDate.seconds(short, nowSeconds: HTTPDateTests.now) == wanted)
    }

    @Test(
        arguments: [
            "", "0", "784111777", "now", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 gmt",
            "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Apr 1994 08:49:37 GMT", "Thu, 29 Feb 1900 08:49:37 GMT",
            "Sun, 32 Jan 1994 08:49:37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06 Nov 94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
            "Sun Nov 06  08:49:37 1994", "Sun Nov  6 08:49:37 94", "Sun, 0６ Nov 1994 08:49:37 GMT",
        ])
    func `takes nothing else for a date`(text: String) {
        #expect(HTTPDate.seconds(text, nowSeconds: HTTPDateTests.now) == nil)
    }

    @Test func `reads what the server writes`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<1000 {
            let seconds = Int64.random(in: 0..<253_402_300_800, using: &random)
            let text = String(decoding: DateLine.text(seconds), as: UTF8.self)
            #expect(HTTPDate.seconds(text, nowSeconds: HTTPDateTests.now) == seconds, "\(text)")
        }
    }
}
