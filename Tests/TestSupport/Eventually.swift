// The only way in which a test may wait.

/// Looks at a condition again and again until it holds or the deadline has passed.
///
/// - Returns: whether it held. The deadline is generous on purpose: only a failing test meets it.
package func eventually(
    within deadline: Duration = .seconds(20), _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + deadline
    while true {
        if try await condition() { return true }
        guard ContinuousClock.now < end else { return false }
        // A cancelled task looks on, without the rest.
        try? await Task.sleep(for: .milliseconds(2))
    }
}
