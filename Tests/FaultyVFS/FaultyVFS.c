#include "FaultyVFS.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct {
    pthread_mutex_t lock;
    char prefix[512];
    unsigned kinds;
    int code;
    long first, count, calls, failures;
} plan = {.lock = PTHREAD_MUTEX_INITIALIZER};

typedef struct {
    sqlite3_file base;
    int is_watched;
    sqlite3_file *real;
} faulty_file;

static sqlite3_vfs *usual;
static sqlite3_vfs faulty;

static int is_watched(const char *path) {
    pthread_mutex_lock(&plan.lock);
    size_t length = strlen(plan.prefix);
    int result = path != NULL && length > 0 && strncmp(path, plan.prefix, length) == 0;
    pthread_mutex_unlock(&plan.lock);
    return result;
}

static int extended(unsigned kind) {
    switch (kind) {
    case FAULTY_OPEN: return SQLITE_CANTOPEN;
    case FAULTY_READ: return SQLITE_IOERR_READ;
    case FAULTY_WRITE: return SQLITE_IOERR_WRITE;
    case FAULTY_TRUNCATE: return SQLITE_IOERR_TRUNCATE;
    case FAULTY_SYNC: return SQLITE_IOERR_FSYNC;
    case FAULTY_LOCK: return SQLITE_IOERR_LOCK;
    case FAULTY_SHM_MAP: return SQLITE_IOERR_SHMMAP;
    case FAULTY_SHM_LOCK: return SQLITE_IOERR_SHMLOCK;
    case FAULTY_DELETE: return SQLITE_IOERR_DELETE;
    default: return SQLITE_IOERR_FSTAT;
    }
}

/// The code that a call is to fail with, SQLITE_OK where it may go on.
static int verdict(unsigned kind) {
    pthread_mutex_lock(&plan.lock);
    int code = SQLITE_OK;
    if (plan.kinds & kind) {
        plan.calls += 1;
        if (plan.first > 0 && plan.calls >= plan.first && plan.calls - plan.first < plan.count) {
            plan.failures += 1;
            code = plan.code == SQLITE_IOERR ? extended(kind) : plan.code;
            // What a full disk does to each kind of call.
            if (plan.code == SQLITE_FULL && kind == FAULTY_OPEN) code = SQLITE_CANTOPEN;
            if (plan.code == SQLITE_FULL && kind == FAULTY_SHM_MAP) code = SQLITE_IOERR_SHMSIZE;
        }
    }
    pthread_mutex_unlock(&plan.lock);
    return code;
}

static faulty_file *own(sqlite3_file *file) { return (faulty_file *)file; }

#define CHECK(kind)                                                                                \
    if (own(file)->is_watched) {                                                                   \
        int code = verdict(kind);                                                                  \
        if (code != SQLITE_OK) return code;                                                        \
    }
#define REAL own(file)->real
#define METHODS REAL->pMethods

static int close_file(sqlite3_file *file) { return METHODS->xClose(REAL); }

static int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    CHECK(FAULTY_READ)
    return METHODS->xRead(REAL, bytes, count, offset);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    if (own(file)->is_watched) {
        int code = verdict(FAULTY_WRITE);
        if (code != SQLITE_OK) {
            // A disk that fills up takes what still fits.
            METHODS->xWrite(REAL, bytes, count / 2, offset);
            return code;
        }
    }
    return METHODS->xWrite(REAL, bytes, count, offset);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
    CHECK(FAULTY_TRUNCATE)
    return METHODS->xTruncate(REAL, size);
}

static int sync_file(sqlite3_file *file, int flags) {
    CHECK(FAULTY_SYNC)
    return own(file)->is_watched ? SQLITE_OK : METHODS->xSync(REAL, flags);
}

static int size_of_file(sqlite3_file *file, sqlite3_int64 *size) {
    CHECK(FAULTY_SIZE)
    return METHODS->xFileSize(REAL, size);
}

static int lock_file(sqlite3_file *file, int level) {
    CHECK(FAULTY_LOCK)
    return METHODS->xLock(REAL, level);
}

static int unlock_file(sqlite3_file *file, int level) { return METHODS->xUnlock(REAL, level); }

static int check_reserved(sqlite3_file *file, int *result) {
    return METHODS->xCheckReservedLock(REAL, result);
}

static int control_file(sqlite3_file *file, int operation, void *argument) {
    return METHODS->xFileControl(REAL, operation, argument);
}

static int sector_size(sqlite3_file *file) { return METHODS->xSectorSize(REAL); }

static int characteristics(sqlite3_file *file) { return METHODS->xDeviceCharacteristics(REAL); }

static int map_shared(sqlite3_file *file, int region, int size, int extend, void volatile **out) {
    CHECK(FAULTY_SHM_MAP)
    return METHODS->xShmMap(REAL, region, size, extend, out);
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags) {
    if (flags & SQLITE_SHM_LOCK) { CHECK(FAULTY_SHM_LOCK) }
    return METHODS->xShmLock(REAL, offset, count, flags);
}

static void shared_barrier(sqlite3_file *file) { METHODS->xShmBarrier(REAL); }

static int unmap_shared(sqlite3_file *file, int remove) {
    return METHODS->xShmUnmap(REAL, remove);
}

// Version 2: without xFetch nothing is mapped past these calls.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = shared_barrier,
    .xShmUnmap = unmap_shared,
};

static int open_file(
    sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    file->pMethods = NULL;
    own(file)->is_watched = is_watched(path);
    own(file)->real = (sqlite3_file *)(own(file) + 1);
    REAL->pMethods = NULL;
    CHECK(FAULTY_OPEN)
    int code = usual->xOpen(usual, path, REAL, flags, out);
    if (METHODS != NULL) file->pMethods = &methods;
    return code;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int syncs_folder) {
    (void)vfs;
    if (is_watched(path)) {
        int code = verdict(FAULTY_DELETE);
        if (code != SQLITE_OK) return code;
    }
    return usual->xDelete(usual, path, syncs_folder);
}

int faulty_vfs_install(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    int code = SQLITE_OK;
    if (usual == NULL) {
        code = sqlite3_initialize();
        if (code == SQLITE_OK) {
            usual = sqlite3_vfs_find(NULL);
            // The rest of its calls know their VFS by nothing but pAppData, which stays.
            faulty = *usual;
            faulty.zName = "faulty";
            faulty.pNext = NULL;
            faulty.szOsFile = (int)sizeof(faulty_file) + usual->szOsFile;
            faulty.xOpen = open_file;
            faulty.xDelete = delete_file;
            code = sqlite3_vfs_register(&faulty, 1);
        }
    }
    pthread_mutex_unlock(&lock);
    return code;
}

void faulty_vfs_arm(const char *prefix, unsigned kinds, int code, long first, long count) {
    pthread_mutex_lock(&plan.lock);
    strncpy(plan.prefix, prefix, sizeof(plan.prefix) - 1);
    plan.kinds = kinds;
    plan.code = code;
    plan.first = first;
    plan.count = count;
    plan.calls = plan.failures = 0;
    pthread_mutex_unlock(&plan.lock);
}

void faulty_vfs_mend(void) {
    pthread_mutex_lock(&plan.lock);
    plan.first = 0;
    pthread_mutex_unlock(&plan.lock);
}

long faulty_vfs_calls(void) {
    pthread_mutex_lock(&plan.lock);
    long calls = plan.calls;
    pthread_mutex_unlock(&plan.lock);
    return calls;
}

long faulty_vfs_failures(void) {
    pthread_mutex_lock(&plan.lock);
    long failures = plan.failures;
    pthread_mutex_unlock(&plan.lock);
    return failures;
}
