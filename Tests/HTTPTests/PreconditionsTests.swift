// Conditional requests: each field alone, and which of them counts when there are several.

import Testing

@testable import HTTP

@Suite struct PreconditionsTests {
    /// Of the version at hand: `"now"`, changed at `same`.
    static let modified: Int64 = 784_111_777
    static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
    static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let later = "Sun, 06 Nov 1994 08:49:38 GMT"

    @Test(
        arguments: [
            (["If-Match": #""now""#], .proceed), (["If-Match": #""old", "now""#], .proceed),
            (["If-Match": "*"], .proceed), (["If-Match": #""old""#], .failed),
            (["If-Match": #"W/"now""#], .failed), (["If-Match": "now"], .failed),
            (["If-Match": ""], .failed),
            (["If-None-Match": #""now""#], .notModified),
            (["If-None-Match": #"W/"now""#], .notModified),
            (["If-None-Match": #""old", W/"now""#], .notModified),
            (["If-None-Match": "*"], .notModified), (["If-None-Match": #""old""#], .proceed),
            (["If-None-Match": "now"], .proceed), (["If-None-Match": ""], .proceed),
            (["If-Modified-Since": earlier], .proceed),
            (["If-Modified-Since": same], .notModified),
            (["If-Modified-Since": later], .notModified),
            (["If-Modified-Since": "Sunday, 06-Nov-94 08:49:37 GMT"], .notModified),
            (["If-Modified-Since": "Sun Nov  6 08:49:37 1994"], .notModified),
            (["If-Modified-Since": "yesterday"], .proceed),
            (["If-Unmodified-Since": earlier], .failed),
            (["If-Unmodified-Since": same], .proceed),
            (["If-Unmodified-Since": later], .proceed),
            (["If-Unmodified-Since": "yesterday"], .proceed),
        ] as [(KeyValuePairs<String, String>, Preconditions.Outcome)])
    func `judges one field`(
        fields: KeyValuePairs<String, String>, wanted: Preconditions.Outcome
    ) {
        #expect(outcome(.get, fields) == wanted)
        #expect(outcome(.head, fields) == wanted)
    }

    @Test(
        arguments: [
            // Tags before dates.
            (["If-Match": #""now""#, "If-Unmodified-Since": earlier], .proceed),
            (["If-Match": #""old""#, "If-Unmodified-Since": later], .failed),
            (["If-None-Match": #""old""#, "If-Modified-Since": same], .proceed),
            (["If-None-Match": #""now""#, "If-Modified-Since": earlier], .notModified),
            // What protects from lost updates before what saves traffic.
            (["If-None-Match": #""now""#, "If-Match": #""old""#], .failed),
            (["If-None-Match": #""now""#, "If-Match": #""now""#], .notModified),
            (["If-Modified-Since": same, "If-Unmodified-Since": earlier], .failed),
            (["If-Modified-Since": same, "If-Unmodified-Since": same], .notModified),
            (["If-Match": "*", "If-Modified-Since": same], .notModified),
            // Lines with one name are one list, and a date is no list.
            (["If-None-Match": #""old""#, "if-none-match": #""now""#], .notModified),
            (["If-Modified-Since": same, "if-modified-since": same], .proceed),
            (["If-Unmodified-Since": earlier, "if-unmodified-since": earlier], .proceed),
        ] as [(KeyValuePairs<String, String>, Preconditions.Outcome)])
    func `judges several in their order`(
        fields: KeyValuePairs<String, String>, wanted: Preconditions.Outcome
    ) {
        #expect(outcome(.get, fields) == wanted)
    }

    @Test func `fails for other methods where a read would be answered from a cache`() {
        #expect(outcome(.put, ["If-None-Match": "*"]) == .failed)
        #expect(outcome(.put, ["If-None-Match": #"W/"now""#]) == .failed)
        #expect(outcome(.put, ["If-Modified-Since": PreconditionsTests.same]) == .proceed)
        #expect(outcome(.put, ["If-Match": #""now""#]) == .proceed)
    }

    @Test(
        arguments: [
            ([:], true), (["If-Range": #""now""#], true), (["If-Range": same], true),
            (["If-Range": #"W/"now""#], false), (["If-Range": #""old""#], false),
            (["If-Range": #""now", "now""#], false), (["If-Range": "*"], false),
            (["If-Range": later], false), (["If-Range": earlier], false),
            (["If-Range": "now"], false), (["If-Range": ""], false),
            (["If-Range": #""now""#, "if-range": #""now""#], false),
        ] as [(KeyValuePairs<String, String>, Bool)])
    func `lets a range count for this version only`(
        fields: KeyValuePairs<String, String>, wanted: Bool
    ) {
        #expect(preconditions(.get, fields).allowsRange == wanted)
    }

    @Test func `trusts no date whose second is not over`() {
        let fresh = preconditions(
            .get, ["If-Range": PreconditionsTests.same], at: PreconditionsTests.modified)
        #expect(!fresh.allowsRange)
    }

    private func outcome(
        _ method: Method, _ fields: KeyValuePairs<String, String>
    ) -> Preconditions.Outcome {
        preconditions(method, fields).outcome
    }

    private func preconditions(
        _ method: Method, _ fields: KeyValuePairs<String, String>, at nowSeconds: Int64 = .max / 2
    ) -> Preconditions {
        Preconditions(
            method, Headers(fields),
            current: Validators(
                entityTag: EntityTag("now"), modifiedSeconds: PreconditionsTests.modified),
            nowSeconds: nowSeconds)
    }
}
