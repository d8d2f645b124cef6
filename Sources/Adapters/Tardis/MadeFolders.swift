// Which folders below the data root the service has made: only these are removed when they are
// empty. A folder whose record a crash cut off stays.

import Jobs
import Posix

/// The service's own folders, kept as facts with the number that the file system gave them: a
/// folder that was made anew under the same path by other means is not the service's.
struct MadeFolders: Sendable {
    /// A folder that was made just now.
    struct Folder: Sendable {
        var components: [String]
        var inode: UInt64

        /// `nil` where its number cannot be found out.
        init?(_ components: ArraySlice<String>, _ folder: ConfinedFolder) {
            guard let identity = try? folder.identity else { return nil }
            self.components = Array(components)
            inode = identity.inode
        }
    }

    let root: DataRoot
    /// `nil` where nothing is remembered, and so nothing is removed.
    let facts: (any KeyValueStore)?

    /// Remembers folders. One that cannot be remembered stays for ever, which harms less than a job
    /// that fails for it.
    func remember(_ folders: [Folder]) async {
        for folder in folders {
            try? await facts?.remember(String(folder.inode), as: fact(of: folder.components))
        }
    }

    /// The number of a folder that the service has made; `nil` for every other one.
    func inode(of components: [String]) async -> UInt64? {
        let text = try? await facts?.fact(fact(of: components))
        return text.flatMap { UInt64($0) }
    }

    /// Forgets a folder that is gone.
    func forget(_ components: [String]) async {
        try? await facts?.remember(nil, as: fact(of: components))
    }

    private func fact(of components: [String]) -> String {
        "folder_made_\(root.text)/\(components.joined(separator: "/"))"
    }
}
