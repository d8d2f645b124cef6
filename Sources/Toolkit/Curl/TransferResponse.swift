// What came back, and who takes the body.

/// The head of an answer: the final one, never an interim 1xx or a proxy's.
package struct ResponseHead: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    /// Where a redirect points to, as an absolute URL; redirects are never followed by themselves.
    package var redirectURL: String?
    /// How long the server asks to wait: the longest of its `Retry-After` fields, `nil` where there
    /// is none, it is nonsense, or it has passed. Not capped.
    package var retryAfter: Duration?

    package init(
        status: Int, headers: [(name: String, value: String)] = [], redirectURL: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.headers = headers
        self.redirectURL = redirectURL
        self.retryAfter = retryAfter
    }

    /// The value of the first field with this name, in any case.
    package subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The values of all fields with this name, in any case.
    func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// Whether the body is wrapped in anything but chunks.
    var hasForeignCoding: Bool {
        values(of: "Transfer-Encoding").contains { value in
            value.split(separator: ",").contains { part in
                part.filter { !$0.isWhitespace }.lowercased() != "chunked"
            }
        }
    }
}

/// A transfer that ended with a complete answer, whatever its status.
package struct TransferSummary: Sendable {
    package var head: ResponseHead
    /// Bytes of the body handed to the receiver; chunked framing does not count.
    package var bodyBytes: Int
    /// From the start to the last byte, waiting for a connection included.
    package var duration: Duration
    /// Whether the connection was opened for this request; over an older one, the answer may be
    /// what a misbehaving server sent behind an earlier answer.
    package var usedNewConnection: Bool
    /// The server's address; `nil` where a proxy was asked.
    package var address: String?

    package init(
        head: ResponseHead, bodyBytes: Int, duration: Duration, usedNewConnection: Bool = true,
        address: String? = nil
    ) {
        self.head = head
        self.bodyBytes = bodyBytes
        self.duration = duration
        self.usedNewConnection = usedNewConnection
        self.address = address
    }
}

/// Takes the body of an answer as it arrives.
///
/// ``attach(_:)`` comes first, from the calling task; then ``receive(head:)`` once, then
/// ``receive(_:)`` for each piece, one call at a time, on the transfer thread that all transfers
/// share: they must not block. No call comes after `perform` has returned or thrown.
package protocol BodyReceiving: AnyObject, Sendable {
    /// Hands over the means to go on after a ``ReceiveDecision/pause``; whoever never pauses need
    /// not implement it.
    func attach(_ control: TransferControl)
    /// The head has arrived; called once, before any body byte, also when there is no body.
    func receive(head: ResponseHead) -> ReceiveDecision
    /// The next bytes, at least one, valid during the call only.
    func receive(_ bytes: UnsafeRawBufferPointer) -> ReceiveDecision
}

extension BodyReceiving {
    package func attach(_ control: TransferControl) {}
}

/// What to do with a transfer after bytes were handed over.
package enum ReceiveDecision: Sendable {
    /// The bytes were taken.
    case goOn
    /// The receiver is full and took *nothing* of what it was just given: the same bytes are handed
    /// over again after ``TransferControl/resume()``, perhaps cut differently. Until then curl
    /// stops reading the socket, so that TCP slows the sender down. As an answer to a head, which
    /// is not repeated, it holds the body back.
    case pause
    /// The rest is not wanted: the transfer ends with ``CurlError/refusedByReceiver`` and its
    /// connection is closed.
    case stop
}

/// Lets a paused transfer go on.
package struct TransferControl: Sendable {
    let loop: TransferLoop
    let id: UInt64

    /// Lets the transfer go on if it is paused; without effect otherwise. Callable from any thread.
    ///
    /// It takes effect on the transfer thread, hence after any call of the receiver in progress: a
    /// receiver that decides to pause and a consumer that resumes it need only agree, under the
    /// receiver's own lock, that one follows the other; no wake-up is lost in between.
    package func resume() {
        loop.post(.resume(id))
    }
}
