// Looking through everything below a confined folder.

import Glibc

extension ConfinedFolder {
    /// The names in this folder, in no order. One that cannot be read to its end gives what could
    /// be read.
    ///
    /// - Throws: ``SystemError`` where it cannot be opened for reading.
    package var names: [String] {
        get throws(SystemError) {
            // Opened anew: the position of a folder's own descriptor is shared by all its readers.
            let parent = descriptor.number
            let number = try syscall("openat") {
                openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            }
            guard let stream = fdopendir(number) else {
                close(number)
                return []
            }
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                        String(cString: $0)
                    }
                }
                if name != ".", name != ".." { names.append(name) }
            }
            return names
        }
    }

    /// Visits this folder and all below it, as far as they can be opened. Links, hidden folders and
    /// other file systems are left out.
    package func visitAll(_ visit: (ConfinedFolder, _ names: [String]) -> Void) {
        var waiting = [self]
        while let folder = waiting.popLast() {
            guard let names = try? folder.names else { continue }
            visit(folder, names)
            for name in names where !name.hasPrefix(".") {
                guard let entry = try? folder.status(of: name), entry.isFolder,
                    let below = try? folder.folder(name, creating: false),
                    let identity = try? below.identity, let own = try? self.identity,
                    identity.isOnSameDevice(as: own)
                else { continue }
                waiting.append(below)
            }
        }
    }
}
