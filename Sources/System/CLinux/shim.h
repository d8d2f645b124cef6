// What Linux has and Swift's Glibc module leaves out: epoll, eventfd, accept4, sendfile, preadv2,
// openat2, memmem, sync_file_range, mallopt, statfs.

#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <linux/openat2.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

// Guarded by _GNU_SOURCE in the C library's headers, which a module cannot define for its importers.
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
extern int pipe2(int fds[2], int flags);
extern ssize_t preadv2(int fd, const struct iovec *pieces, int count, off_t offset, int flags);
extern int sync_file_range(int fd, off_t offset, off_t count, unsigned int flags);
extern void *memmem(const void *haystack, size_t size, const void *needle, size_t needle_size);

#ifndef SYNC_FILE_RANGE_WRITE
#define SYNC_FILE_RANGE_WRITE 2
#endif

// openat2 has no wrapper in glibc 2.36.
static inline int clinux_openat2(int folder, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

#endif
