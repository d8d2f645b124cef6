// What came back, and who takes the body.

/// The head of an answer.
package struct ResponseHead: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    /// Where a redirect points to, as an absolute URL; redirects are never followed by themselves.
    package var redirectURL: String?

    package init(
        status: Int, headers: [(name: String, value: String)] = [], redirectURL: String? = nil
    ) {
        self.status = status
        self.headers = headers
        self.redirectURL = redirectURL
    }

    /// The value of the first field with this name, in any case.
    package subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Takes the body of an answer as it arrives. Called on the transfer thread: it must not block.
package protocol BodyReceiving: AnyObject, Sendable {
    /// The head has arrived; called once, before any body byte.
    func receive(head: ResponseHead) -> ReceiveDecision
    /// The next bytes, valid during the call only.
    func receive(_ bytes: UnsafeRawBufferPointer) -> ReceiveDecision
}

/// What to do with a transfer after bytes were handed over.
package enum ReceiveDecision: Sendable {
    case goOn
    /// The receiver is full: the same bytes are handed over again after
    /// ``TransferControl/resume()``.
    case pause
    /// The rest is not wanted: the transfer ends with ``CurlError/refusedByReceiver``.
    case stop
}
