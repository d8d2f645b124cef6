/* Tells ThreadSanitizer of the part of Swift's Mutex that it cannot see, for .make/sanitize to
 * preload: locking and unlocking under contention are calls into libswiftSynchronization, which is
 * built without it, so that whatever a contended mutex protects would be reported as a race. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of ThreadSanitizer's runtime; absent where a program is built without it. */
extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

/* Synchronization._MutexHandle's methods: _lockSlow(_: UInt32), _unlockSlow(), _tryLockSlow(). */
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"

typedef SWIFT void (*Lock)(uint32_t, SELF);
typedef SWIFT void (*Unlock)(SELF);
typedef SWIFT bool (*TryLock)(SELF);

SWIFT void lock(uint32_t thread, SELF mutex) __asm__(LOCK);
SWIFT void unlock(SELF mutex) __asm__(UNLOCK);
SWIFT bool try_lock(SELF mutex) __asm__(TRY_LOCK);

SWIFT void lock(uint32_t thread, SELF mutex) {
    ((Lock)dlsym(RTLD_NEXT, LOCK))(thread, mutex);
    if (__tsan_acquire != NULL) __tsan_acquire(mutex);
}

SWIFT void unlock(SELF mutex) {
    if (__tsan_release != NULL) __tsan_release(mutex);
    ((Unlock)dlsym(RTLD_NEXT, UNLOCK))(mutex);
}

SWIFT bool try_lock(SELF mutex) {
    bool is_locked = ((TryLock)dlsym(RTLD_NEXT, TRY_LOCK))(mutex);
    if (is_locked && __tsan_acquire != NULL) __tsan_acquire(mutex);
    return is_locked;
}
