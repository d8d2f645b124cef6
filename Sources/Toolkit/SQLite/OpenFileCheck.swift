// Checks that the file that a connection has open is still the one that the next start finds under
// its name. The check never opens that file itself: closing it again would release SQLite's locks
// (sqlite.org/howtocorrupt.html, section 2.2).

import CSQLite
import Glibc

/// The state of a connection's file from check to check.
struct OpenFileCheck {
    /// The beginning of a header, and its format versions in WAL mode.
    private static let magic = Array("SQLite format 3\0".utf8)
    private static let headerBytes = 100
    private static let walVersion: UInt8 = 2
    private static let logHeaderBytes: Int64 = 32
    private static let logFrameHeaderBytes: Int64 = 24
    /// The unit in which SQLite maps the index of the log.
    private static let indexRegionBytes: Int32 = 32_768
    /// `SQLITE_IOERR_SHORT_READ`.
    private static let shortReadCode = SQLITE_IOERR | 2 << 8

    /// Of the write-ahead log, which stays one file while it is open.
    private var logInode: UInt64?
    /// At the last check; the file shrinks only to what the database needs.
    private var size: Int64 = 0

    /// The problem of the file; `nil` if it is in its place and whole. Takes some microseconds.
    mutating func finding(
        of handle: OpaquePointer, neededBytes: () -> Int64?
    ) -> String? {
        var hasMoved: Int32 = 0
        if sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved) == SQLITE_OK,
            hasMoved != 0
        {
            return "the file was removed or replaced"
        }
        return findingWithin(handle, neededBytes: neededBytes) ?? findingOfLog(handle)
    }

    /// The problem of the open file itself, even if it lost its name.
    mutating func findingWithin(
        _ handle: OpaquePointer, neededBytes: () -> Int64?
    ) -> String? {
        var pointer: UnsafeMutablePointer<sqlite3_file>?
        guard
            sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &pointer) == SQLITE_OK,
            let file = pointer, let methods = file.pointee.pMethods
        else { return nil }
        var found: Int64 = 0
        if methods.pointee.xFileSize?(file, &found) == SQLITE_OK {
            if found < size, let needed = neededBytes(), found < needed {
                return "the file was cut from \(size) to \(found) bytes"
            }
            size = found
        }
        return OpenFileCheck.finding(inHeaderOf: file, methods)
            ?? OpenFileCheck.finding(inLogOf: handle, file, methods)
    }

    /// Whether the log is shorter than the index of it in shared memory says, whose header has the
    /// page size and the number of the last valid frame (sqlite.org/walformat.html, section 2.1).
    /// SQLite would append after the gap, and later copy zeros into the database.
    private static func finding(
        inLogOf handle: OpaquePointer, _ file: UnsafeMutablePointer<sqlite3_file>,
        _ methods: UnsafePointer<sqlite3_io_methods>
    ) -> String? {
        var pointer: UnsafeMutablePointer<sqlite3_file>?
        guard methods.pointee.iVersion >= 2, let map = methods.pointee.xShmMap,
            sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &pointer)
                == SQLITE_OK,
            let log = pointer, let logMethods = log.pointee.pMethods
        else { return nil }
        var region: UnsafeMutableRawPointer?
        guard map(file, 0, indexRegionBytes, 0, &region) == SQLITE_OK, let region else {
            return nil
        }
        let header = UnsafeRawPointer(region)
        let pageBytes = Int64(header.load(fromByteOffset: 14, as: UInt16.self))
        let frames = Int64(header.load(fromByteOffset: 16, as: UInt32.self))
        // 1 stands for 65,536.
        let frameBytes = (pageBytes == 1 ? 65_536 : pageBytes) + logFrameHeaderBytes
        let needed = frames == 0 ? 0 : logHeaderBytes + frames * frameBytes
        var found: Int64 = 0
        guard logMethods.pointee.xFileSize?(log, &found) == SQLITE_OK, found < needed else {
            return nil
        }
        return "the write-ahead log (-wal) was cut from \(needed) to \(found) bytes"
    }

    private static func finding(
        inHeaderOf file: UnsafeMutablePointer<sqlite3_file>,
        _ methods: UnsafePointer<sqlite3_io_methods>
    ) -> String? {
        var header = [UInt8](repeating: 0, count: headerBytes)
        let code = methods.pointee.xRead?(file, &header, Int32(headerBytes), 0) ?? SQLITE_ERROR
        // Any other error is the disk's, and SQLite will report it.
        guard code == SQLITE_OK || code == shortReadCode else { return nil }
        let isWhole =
            header.starts(with: magic) && header[18] == walVersion && header[19] == walVersion
        return isWhole ? nil : "the file's header was overwritten"
    }

    /// Whether the log must be left as it is at the end: it or the database was cut or overwritten,
    /// or what has its name is another file. One that is only gone from its place is still whole.
    mutating func mustKeepLog(of handle: OpaquePointer) -> Bool {
        if findingWithin(handle, neededBytes: { nil }) != nil { return true }
        guard let logInode, let found = OpenFileCheck.inodeOfLog(handle) else { return false }
        return found != logInode
    }

    /// Remembers the log's inode.
    mutating func rememberLog(of handle: OpaquePointer) {
        _ = findingOfLog(handle)
    }

    private mutating func findingOfLog(_ handle: OpaquePointer) -> String? {
        let found = OpenFileCheck.inodeOfLog(handle)
        guard let logInode else {
            logInode = found
            return nil
        }
        return found == logInode ? nil : "the write-ahead log (-wal) was removed or replaced"
    }

    /// Of what has the log's name; `nil` where nothing has.
    private static func inodeOfLog(_ handle: OpaquePointer) -> UInt64? {
        guard let name = sqlite3_db_filename(handle, "main"), name.pointee != 0,
            let log = sqlite3_filename_wal(name)
        else { return nil }
        var status = stat()
        return stat(log, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}

extension Database {
    /// Makes sure that the next start finds what is written through this connection.
    ///
    /// - Throws: ``SQLiteError`` with the reason `moved` if the file or its log was removed,
    ///   replaced or cut.
    package func checkFile() throws(SQLiteError) {
        let handle = try checkedHandle(for: "look at \(path)")
        guard let finding = fileCheck.finding(of: handle, neededBytes: { neededBytes })
        else { return }
        throw SQLiteError(
            code: SQLiteError.movedCode, message: finding, operation: "look at \(path)")
    }

    /// Makes sure that the open file is neither cut nor overwritten, though it may have lost its
    /// name. The missing part of a cut file is read as zeros or from the cache, and may look whole.
    ///
    /// - Throws: ``SQLiteError`` with the reason `corrupt`.
    package func checkOpenFile() throws(SQLiteError) {
        let handle = try checkedHandle(for: "look at \(path)")
        guard let finding = fileCheck.findingWithin(handle, neededBytes: { neededBytes })
        else { return }
        throw SQLiteError(
            code: SQLiteError.corruptCode, message: finding, operation: "look at \(path)")
    }

    private var neededBytes: Int64? {
        guard let pages = try? number("PRAGMA page_count"),
            let bytes = try? number("PRAGMA page_size")
        else { return nil }
        return pages * bytes
    }
}
