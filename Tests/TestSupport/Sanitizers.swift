// Whether the tests run under a sanitizer.

import Glibc

/// Whether a sanitizer is built in, which keeps memory for itself and for later: how much a process
/// has tells nothing then.
package let isSanitized =
    dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
