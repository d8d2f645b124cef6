// What an answer must respect of its request. It must not know what is answered.

/// What a request asks of the form of its answer.
package struct AnswerTerms: Hashable, Sendable {
    /// The answer has the head of a GET's and no body (RFC 9110 §9.3.2).
    package var isHead: Bool
    /// HTTP/1.x's x: 0 or 1.
    package var minorVersion: Int
    /// Whether the connection stays open after the answer.
    package var keepsOpen: Bool

    package init(isHead: Bool = false, minorVersion: Int = 1, keepsOpen: Bool = true) {
        self.isHead = isHead
        self.minorVersion = minorVersion
        self.keepsOpen = keepsOpen
    }
}
