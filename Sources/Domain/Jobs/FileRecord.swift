// One planned file as the store keeps it. It must not know SQL.

package import Datasets

/// A planned file as recorded.
package struct FileRecord: Hashable, Sendable {
    package var job: JobID
    /// Its place in the job's plan, from 0.
    package var position: Int
    package var file: DatasetFile
    package var state: FileState
    /// Attempts that counted; one interrupted by a restart does not.
    package var attempts: Int
    /// Not to be tried before this moment.
    package var notBefore: Timestamp?
    package var proof: FileChecksum?
    package var failure: FileFailure?
    /// What the file was when it was proven last, while it is to be verified.
    package var expectedSHA256: String?
    /// Why its size is odd, in words; it stands for nothing but a reason to look.
    package var sizeWarning: String?
    /// How the last verification found it, where it was not as recorded.
    package var finding: FileFinding?
    /// Other bytes that Tardis was seen to have.
    package var revision: FileRevision?
    /// Whether ``revision`` was seen by the last verification.
    package var isRevised: Bool

    package init(
        job: JobID, position: Int, file: DatasetFile, state: FileState, attempts: Int = 0,
        notBefore: Timestamp? = nil, proof: FileChecksum? = nil, failure: FileFailure? = nil,
        expectedSHA256: String? = nil, sizeWarning: String? = nil, finding: FileFinding? = nil,
        revision: FileRevision? = nil, isRevised: Bool = false
    ) {
        self.job = job
        self.position = position
        self.file = file
        self.state = state
        self.attempts = attempts
        self.notBefore = notBefore
        self.proof = proof
        self.failure = failure
        self.expectedSHA256 = expectedSHA256
        self.sizeWarning = sizeWarning
        self.finding = finding
        self.revision = revision
        self.isRevised = isRevised
    }
}
