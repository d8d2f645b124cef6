// Makes Valgrind 3.19 run programs that call dispatch_main: it writes into the set of signals that
// sigsuspend is given, and libdispatch keeps that set in memory that cannot be written.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *signals) {
    sigset_t copy = *signals;
    return syscall(SYS_rt_sigsuspend, &copy, 8);
}
