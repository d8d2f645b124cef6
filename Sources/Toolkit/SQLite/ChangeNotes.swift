// Which rows of a table a connection has changed. It must not know what they hold.

import CSQLite

/// The rowids that SQLite has named, between two looks. Confined to its connection.
final class ChangeNotes {
    let table: String
    fileprivate var rows: Set<Int64> = []

    init(of table: String) {
        self.table = table
    }

    /// Whether a name of SQLite's is the table's.
    fileprivate func isTable(_ name: UnsafePointer<CChar>) -> Bool {
        var place = name
        for byte in table.utf8 {
            // The zero at the end of a shorter name is no byte of ours.
            guard UInt8(bitPattern: place.pointee) == byte else { return false }
            place += 1
        }
        return place.pointee == 0
    }
}

extension Database {
    /// Notes from now on which rows of a table are inserted, changed or removed, also by triggers;
    /// whether that is committed later is not looked at (sqlite.org/c3ref/update_hook.html).
    ///
    /// - Parameter table: one with rowids.
    func noteChanges(of table: String) {
        guard let handle = try? checkedHandle(for: "note changes") else { return }
        let notes = ChangeNotes(of: table)
        changeNotes = notes
        // The connection holds the notes for as long as SQLite may call this.
        let context = Unmanaged.passUnretained(notes).toOpaque()
        sqlite3_update_hook(
            handle,
            { context, _, _, table, row in
                guard let context, let table else { return }
                let notes = Unmanaged<ChangeNotes>.fromOpaque(context).takeUnretainedValue()
                if notes.isTable(table) { notes.rows.insert(row) }
            }, context)
    }

    /// The rows that were noted since the last time.
    func takeChangedRows() -> Set<Int64> {
        guard let changeNotes else { return [] }
        defer { changeNotes.rows.removeAll(keepingCapacity: true) }
        return changeNotes.rows
    }
}
