// A part of a plan, small enough for one transaction. It must not know how it is kept.

/// Some files of a plan that follow each other.
package struct PlanBatch: Hashable, Sendable {
    /// The position in the job of the first of the files.
    package var position: Int
    package var files: [PlannedFile]
    /// The files of the whole plan.
    package var filesTotal: Int
    /// What was understood differently from what was written, or cannot be had.
    package var notes: [String]
    /// Whether the plan is whole with this piece.
    package var isLast: Bool

    package init(
        at position: Int = 0, _ files: [PlannedFile], ofTotal filesTotal: Int, notes: [String],
        isLast: Bool
    ) {
        self.position = position
        self.files = files
        self.filesTotal = filesTotal
        self.notes = notes
        self.isLast = isLast
    }

    /// The first piece is small, so that the first files can be claimed at once …
    package static let firstCount = 256
    /// … and none is so large that whoever else has something to write would notice.
    package static let countMax = 4_096

    /// Cuts a plan into pieces; an empty plan is one, too.
    ///
    /// - Parameter kept: how many other files of the plan are kept already; the positions begin
    ///   behind theirs.
    package static func pieces(
        of files: [PlannedFile], behind kept: Int = 0, notes: [String]
    ) -> [PlanBatch] {
        var pieces: [PlanBatch] = []
        var start = 0
        repeat {
            let end = min(start + (start == 0 ? firstCount : countMax), files.count)
            pieces.append(
                PlanBatch(
                    at: kept + start, Array(files[start..<end]), ofTotal: kept + files.count,
                    notes: notes, isLast: end == files.count))
            start = end
        } while start < files.count
        return pieces
    }
}
