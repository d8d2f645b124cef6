// The handler of fatal signals. Everything that it calls is async-signal-safe (signal-safety(7)) or
// plain computation on memory of its own: no allocation, no locks, no stdio, no dl_iterate_phdr.

#define _GNU_SOURCE
#include "CCrashReport.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { FRAMES_MAX = 16, LINE_MAX_BYTES = 4096, ALTERNATIVE_STACK_BYTES = 64 * 1024 };

static const struct {
    int number;
    const char *name;
    const char *meaning;
} signals[] = {
    {SIGILL, "SIGILL", "a check in the program failed"},
    {SIGTRAP, "SIGTRAP", "a check in the program failed"},
    {SIGSEGV, "SIGSEGV", "invalid memory access"},
    {SIGBUS, "SIGBUS", "memory that cannot be read, such as a file that was cut or a failing disk"},
    {SIGFPE, "SIGFPE", "arithmetic error"},
    {SIGABRT, "SIGABRT", "abort"},
    {SIGSYS, "SIGSYS", "a system call that is not allowed, such as by a container's seccomp filter"},
};
enum { SIGNALS = sizeof signals / sizeof *signals };

// Of the ELF file that this code is in; the linker defines both.
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[];

static char program_text[128];
static _Atomic int log_descriptor = -1;
static atomic_flag is_reporting = ATOMIC_FLAG_INIT;
static struct sigaction former[SIGNALS];
static char line[LINE_MAX_BYTES];
static size_t length;

// MARK: Text

static void add_bytes(const char *text, size_t count) {
    // One byte is kept for the line's end.
    for (size_t i = 0; i < count && length < sizeof line - 1; i++) line[length++] = text[i];
}

static void add(const char *text) { add_bytes(text, strlen(text)); }

static void add_number(uint64_t number, unsigned base) {
    char digits[32];
    size_t count = 0;
    do digits[sizeof digits - ++count] = "0123456789abcdef"[number % base];
    while ((number /= base) > 0);
    add_bytes(digits + sizeof digits - count, count);
}

static void add_hex(uint64_t number) {
    add("0x");
    add_number(number, 16);
}

// MARK: Symbols

// An ELF file in memory, read for the names of functions.
struct image {
    const char *bytes;
    size_t size;
};

static struct image map_file(const char *path) {
    struct image image = {NULL, 0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return image;
    struct stat status;
    if (fstat(file, &status) == 0 && status.st_size > (off_t)sizeof(Elf64_Ehdr)) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (bytes != MAP_FAILED) image = (struct image){bytes, (size_t)status.st_size};
    }
    close(file);
    return image;
}

static int holds(struct image image, uint64_t offset, uint64_t size) {
    return offset <= image.size && size <= image.size - offset;
}

// Adds the name of the function at an address of the file, and how far in it that is.
static int add_symbol(struct image image, uint64_t address) {
    if (image.bytes == NULL || memcmp(image.bytes, ELFMAG, SELFMAG) != 0) return 0;
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)image.bytes;
    if (head->e_shentsize != sizeof(Elf64_Shdr)) return 0;
    if (!holds(image, head->e_shoff, (uint64_t)head->e_shnum * sizeof(Elf64_Shdr))) return 0;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(image.bytes + head->e_shoff);
    for (unsigned i = 0; i < head->e_shnum; i++) {
        const Elf64_Shdr *table = &sections[i];
        if (table->sh_type != SHT_SYMTAB || table->sh_link >= head->e_shnum) continue;
        const Elf64_Shdr *names = &sections[table->sh_link];
        if (!holds(image, table->sh_offset, table->sh_size)) continue;
        if (!holds(image, names->sh_offset, names->sh_size)) continue;
        const Elf64_Sym *symbols = (const Elf64_Sym *)(image.bytes + table->sh_offset);
        for (uint64_t k = 0; k < table->sh_size / sizeof(Elf64_Sym); k++) {
            const Elf64_Sym *symbol = &symbols[k];
            if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC) continue;
            if (address < symbol->st_value || address - symbol->st_value >= symbol->st_size) continue;
            if (symbol->st_name >= names->sh_size) continue;
            const char *name = image.bytes + names->sh_offset + symbol->st_name;
            add_bytes(name, strnlen(name, names->sh_size - symbol->st_name));
            add("+");
            add_hex(address - symbol->st_value);
            return 1;
        }
    }
    return 0;
}

// MARK: Places

static uint64_t hex_number(const char **text) {
    uint64_t number = 0;
    for (;; (*text)++) {
        char c = **text;
        if (c >= '0' && c <= '9') number = number << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f') number = number << 4 | (uint64_t)(c - 'a' + 10);
        else return number;
    }
}

// Adds the file that is mapped at an address, and the place in it: "libc.so.6 0x9e2f0".
static void add_mapping(uint64_t address) {
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    char entry[PATH_MAX + 128];
    size_t count = 0;
    char c;
    while (maps >= 0 && read(maps, &c, 1) == 1) {
        if (c != '\n') {
            if (count < sizeof entry - 1) entry[count++] = c;
            continue;
        }
        entry[count] = 0;
        count = 0;
        const char *text = entry;
        uint64_t start = hex_number(&text);
        text += *text == '-';
        uint64_t end = hex_number(&text);
        if (address < start || address >= end) continue;
        // "r-xp 00001000 ": the offset follows the rights.
        if (strlen(text) > 6) text += 6;
        uint64_t offset = hex_number(&text);
        const char *name = strrchr(entry, '/');
        if (name != NULL) {
            add(name + 1);
            add(" ");
            add_hex(address - start + offset);
            close(maps);
            return;
        }
    }
    if (maps >= 0) close(maps);
    add_hex(address);
}

static void add_place(struct image own, struct image beside, uint64_t address) {
    uint64_t base = (uint64_t)(uintptr_t)__ehdr_start;
    if (address < base || address >= (uint64_t)(uintptr_t)etext) {
        add_mapping(address);
        return;
    }
    if (add_symbol(own, address - base) || add_symbol(beside, address - base)) add(" ");
    add("(");
    add_hex(address - base);
    add(")");
}

// Memory that may not be there: a pipe's write says so instead of trapping.
static int read_words(int pipe[2], uint64_t address, uint64_t words[2]) {
    size_t size = 2 * sizeof(uint64_t);
    if (write(pipe[1], (const void *)(uintptr_t)address, size) != (ssize_t)size) return 0;
    return read(pipe[0], words, size) == (ssize_t)size;
}

static void add_callers(struct image own, struct image beside, uint64_t frame) {
    int pipe[2];
    if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
    uint64_t words[2];
    for (int i = 0; i < FRAMES_MAX; i++) {
        // Swift marks the frames of async functions in bit 60.
        frame &= ~(1ULL << 60);
        if (frame == 0 || frame % sizeof(uint64_t) != 0 || !read_words(pipe, frame, words)) break;
        if (words[1] == 0) break;
        add(i == 0 ? "; called from " : ", ");
        // The address returned to may belong to the next function.
        add_place(own, beside, words[1] - 1);
        if ((words[0] & ~(1ULL << 60)) <= frame) break;
        frame = words[0];
    }
}

// MARK: The handler

static void write_line(int descriptor) {
    size_t written = 0;
    while (descriptor >= 0 && written < length) {
        ssize_t count = write(descriptor, line + written, length - written);
        if (count <= 0) return;
        written += (size_t)count;
    }
}

static void report(int index, const siginfo_t *info, const ucontext_t *context) {
#if defined(__x86_64__)
    uint64_t place = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    uint64_t frame = (uint64_t)context->uc_mcontext.gregs[REG_RBP];
#elif defined(__aarch64__)
    uint64_t place = context->uc_mcontext.pc;
    uint64_t frame = context->uc_mcontext.regs[29];
#else
    uint64_t place = 0, frame = 0;
#endif
    char path[PATH_MAX + 8];
    ssize_t count = readlink("/proc/self/exe", path, PATH_MAX);
    struct image own = map_file("/proc/self/exe"), beside = {NULL, 0};
    if (count > 0) {
        memcpy(path + count, ".debug", sizeof ".debug");
        beside = map_file(path);
    }
    add(program_text);
    add(" crashed: ");
    add(signals[index].name);
    if (info->si_code <= 0 && signals[index].number != SIGABRT) {
        add(", sent by process ");
        add_number((uint64_t)info->si_pid, 10);
    } else {
        add(", ");
        add(signals[index].meaning);
        if (signals[index].number == SIGSEGV || signals[index].number == SIGBUS) {
            add(", address ");
            add_hex((uint64_t)(uintptr_t)info->si_addr);
        }
    }
    add(", at ");
    add_place(own, beside, place);
    add_callers(own, beside, frame);
    line[length++] = '\n';
}

// What was to handle the signal before, such as Swift's own report. It may return in the belief
// that the instruction that failed is about to fail again; of a signal that was sent there is none.
static void hand_on(int index, siginfo_t *info, void *context) {
    const struct sigaction *next = &former[index];
    if (next->sa_flags & SA_SIGINFO) next->sa_sigaction(signals[index].number, info, context);
    else if (next->sa_handler != SIG_DFL && next->sa_handler != SIG_IGN)
        next->sa_handler(signals[index].number);
}

static void handle(int number, siginfo_t *info, void *context) {
    int index = 0;
    while (index < SIGNALS - 1 && signals[index].number != number) index++;
    if (!atomic_flag_test_and_set(&is_reporting)) {
        report(index, info, context);
        write_line(STDERR_FILENO);
        write_line(atomic_load(&log_descriptor));
        hand_on(index, info, context);
    }
    // Where another thread reports, or this one has failed while it did, there is only this: the
    // system's own way.
    signal(number, SIG_DFL);
    // Comes as soon as this handler has returned, also where the signal was sent.
    syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), number);
}

void crash_report_install(const char *program) {
    strncpy(program_text, program, sizeof program_text - 1);
    // For a stack that has no room left; other threads report on their own, where they can.
    static char memory[ALTERNATIVE_STACK_BYTES];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory};
    sigaltstack(&stack, NULL);
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
        action.sa_sigaction = handle;
        sigemptyset(&action.sa_mask);
        sigaction(signals[i].number, &action, &former[i]);
    }
}

void crash_report_set_log(int descriptor) { atomic_store(&log_descriptor, descriptor); }
