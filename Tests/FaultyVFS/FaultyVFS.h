// A VFS for SQLite that fails when it is told to: for tests of what the store does then. It wraps
// the usual one, becomes the default of the process, and leaves all files alone but those below a
// folder that a test names.

#ifndef FAULTY_VFS_H
#define FAULTY_VFS_H

#include <sqlite3.h>

/// Kinds of calls, to be combined.
enum {
    FAULTY_OPEN = 1,
    FAULTY_READ = 2,
    FAULTY_WRITE = 4,
    FAULTY_TRUNCATE = 8,
    FAULTY_SYNC = 16,
    FAULTY_LOCK = 32,
    FAULTY_SHM_MAP = 64,
    FAULTY_SHM_LOCK = 128,
    FAULTY_DELETE = 256,
    FAULTY_SIZE = 512
};

/// Makes it the default VFS, once. Returns a SQLite code.
int faulty_vfs_install(void);

/// Watches the files whose path begins with the prefix, and counts their calls of these kinds from
/// now on. Fails the calls from `first` to `first + count - 1`; no call where `first` is 0. Syncs
/// of watched files do not reach the disk: these tests cut no power.
///
/// `code` is SQLITE_FULL, SQLITE_IOERR (which becomes the extended code of each kind), SQLITE_BUSY
/// or SQLITE_READONLY.
void faulty_vfs_arm(const char *prefix, unsigned kinds, int code, long first, long count);

/// Fails nothing more; goes on watching.
void faulty_vfs_mend(void);

/// How many calls were counted since it was armed.
long faulty_vfs_calls(void);

/// How many of them failed.
long faulty_vfs_failures(void);

#endif
