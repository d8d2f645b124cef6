// Kills the process before one of its system calls: the KILL_AT-th of those that KILL_CALLS names,
// counted over all threads. Preloaded by SystemCallTests, which compile it:
//
//   cc -shared -fPIC -O1 -o kill-at.so kill-at.c
//   LD_PRELOAD=./kill-at.so KILL_CALLS=pwrite,fsync KILL_AT=17 download-service
//
// strace counts the calls of each thread for itself, so it cannot name each call of a program whose
// threads come and go.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long met;

/// Whether a name stands in a list with commas.
static int is_listed(const char *name, const char *list) {
    size_t length = strlen(name);
    while (list != NULL && *list != 0) {
        size_t end = strcspn(list, ",");
        if (end == length && strncmp(list, name, length) == 0) return 1;
        list += end + (list[end] == ',');
    }
    return 0;
}

static void meet(const char *name) {
    const char *at = getenv("KILL_AT");
    if (at == NULL || !is_listed(name, getenv("KILL_CALLS"))) return;
    if (atomic_fetch_add(&met, 1) + 1 == atol(at)) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
}

#define REAL(type, name)                                                                           \
    static type real;                                                                              \
    if (real == NULL) real = (type)dlsym(RTLD_NEXT, #name);

#define WRAP(result, name, group, parameters, arguments)                                           \
    result name parameters {                                                                       \
        typedef result(*function) parameters;                                                      \
        REAL(function, name)                                                                       \
        meet(group);                                                                               \
        return real arguments;                                                                     \
    }

WRAP(ssize_t, write, "write", (int fd, const void *b, size_t n), (fd, b, n))
WRAP(ssize_t, writev, "write", (int fd, const struct iovec *v, int n), (fd, v, n))
WRAP(ssize_t, pwrite, "pwrite", (int fd, const void *b, size_t n, off_t o), (fd, b, n, o))
WRAP(ssize_t, pwrite64, "pwrite", (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o))
WRAP(int, fsync, "fsync", (int fd), (fd))
WRAP(int, fdatasync, "fdatasync", (int fd), (fd))
WRAP(int, ftruncate, "ftruncate", (int fd, off_t n), (fd, n))
WRAP(int, ftruncate64, "ftruncate", (int fd, off64_t n), (fd, n))
WRAP(int, rename, "rename", (const char *a, const char *b), (a, b))
WRAP(int, renameat, "rename", (int d, const char *a, int e, const char *b), (d, a, e, b))
WRAP(int, link, "link", (const char *a, const char *b), (a, b))
WRAP(int, linkat, "link", (int d, const char *a, int e, const char *b, int f), (d, a, e, b, f))
WRAP(int, unlink, "unlink", (const char *a), (a))
WRAP(int, unlinkat, "unlink", (int d, const char *a, int f), (d, a, f))
WRAP(int, close, "close", (int fd), (fd))
WRAP(ssize_t, send, "send", (int fd, const void *b, size_t n, int f), (fd, b, n, f))
WRAP(ssize_t, sendmsg, "send", (int fd, const struct msghdr *m, int f), (fd, m, f))
WRAP(
    ssize_t, sendto, "send",
    (int fd, const void *b, size_t n, int f, __CONST_SOCKADDR_ARG a, socklen_t l),
    (fd, b, n, f, a, l))

#define MODE                                                                                       \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;                      \
    va_end(rest);                                                                                  \
    meet("open");

#define WRAP_OPEN(name)                                                                            \
    int name(const char *path, int flags, ...) {                                                   \
        typedef int (*function)(const char *, int, ...);                                           \
        REAL(function, name)                                                                       \
        MODE return real(path, flags, mode);                                                       \
    }
#define WRAP_OPENAT(name)                                                                          \
    int name(int folder, const char *path, int flags, ...) {                                       \
        typedef int (*function)(int, const char *, int, ...);                                      \
        REAL(function, name)                                                                       \
        MODE return real(folder, path, flags, mode);                                               \
    }

WRAP_OPEN(open)
WRAP_OPEN(open64)
WRAP_OPENAT(openat)
WRAP_OPENAT(openat64)
