// One file of a plan, before anything was tried. It must not know how plans are made.

package import Datasets

/// One file of a job's plan, before anything was tried.
package struct PlannedFile: Hashable, Sendable {
    package var file: DatasetFile
    /// `pending`, or the final state that the catalogue already decides.
    package var state: FileState
    /// Why, where the state is final.
    package var failure: FileFailure?

    package init(file: DatasetFile, state: FileState = .pending, failure: FileFailure? = nil) {
        self.file = file
        self.state = state
        self.failure = failure
    }
}
