// What makes sending a submission twice as good as sending it once
// (draft-ietf-httpapi-idempotency-key-header). It must not know how keys are sent.

/// A key that a user has chosen for one submission, and what the submission says.
package struct Idempotency: Sendable {
    /// How long an answer is kept under its key.
    package static let lifetime = Duration.seconds(24 * 60 * 60)
    /// Keys kept at most, over all users; beyond it the oldest is forgotten before its time. Every
    /// one has cost a submission, so that this is no day of a busy service but several.
    package static let keysMax = 1_000_000

    /// Keys of different users have nothing to do with each other.
    package var key: String
    /// SHA-256 of the content.
    package var fingerprint: [UInt8]
    /// Writes the answer that is to be kept, once it is known whether there is a new job. Called
    /// within the store's transaction, perhaps twice: it must do nothing else.
    package var answer: @Sendable (_ job: Job, _ isDuplicate: Bool) -> [UInt8]

    package init(
        key: String, fingerprint: [UInt8],
        answer: @escaping @Sendable (_ job: Job, _ isDuplicate: Bool) -> [UInt8]
    ) {
        self.key = key
        self.fingerprint = fingerprint
        self.answer = answer
    }
}

/// The first answer to a key.
package struct KeptAnswer: Hashable, Sendable {
    package var job: JobID
    /// The content of the answer, byte for byte.
    package var content: [UInt8]

    package init(job: JobID, content: [UInt8]) {
        self.job = job
        self.content = content
    }
}
