// Intel's ISA-L: streaming inflate and deflate with gzip framing, and gzip's checksum.

#ifndef CISAL_SHIM_H
#define CISAL_SHIM_H

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

// The scratch memory that level 1 wants: a macro with arithmetic in it, which is not imported.
static const uint32_t cisal_level_one_bytes = ISAL_DEF_LVL1_LARGE;

#endif
