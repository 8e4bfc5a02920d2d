/* New code, and memory that others share. */
#include "hostile.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define PLAIN (PROT_READ | PROT_WRITE)
#define ALL (PLAIN | PROT_EXEC)

static char page[8192] __attribute__((aligned(4096)));

const struct hostile_call hostile_memory_calls[] = {
    {"code-mapped", SYS_mmap, {0, 4096, ALL, PRIVATE, -1, 0}},
    {"code-high-bits", SYS_mmap, {0, 4096, ALL | 1L << 32, PRIVATE, -1, 0}},
    {"code-changed", SYS_mprotect, {PLACE(page), 4096, PROT_READ | PROT_EXEC}},
    {"code-changed-by-key", SYS_pkey_mprotect, {PLACE(page), 4096, PROT_READ | PROT_EXEC, -1}},
    {"code-from-module", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, 4, 0}},
    {"code-from-null", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, 0, 0}},
    {"memory-shared", SYS_mmap, {0, 4096, PLAIN, MAP_SHARED | MAP_ANONYMOUS, -1, 0}},
    {"memory-grows", SYS_mmap, {0, 4096, PLAIN, PRIVATE | MAP_GROWSDOWN, -1, 0}},
    {"memory-at-once", SYS_mmap, {0, 4096, PLAIN, PRIVATE | MAP_POPULATE, -1, 0}},
    {"memory-locked", SYS_mlock, {PLACE(page), 4096}},
    {"memory-all-locked", SYS_mlockall, {MCL_FUTURE}},
    {"memory-advice", SYS_madvise, {PLACE(page), 4096, MADV_DONTFORK}},
    {"memory-poison", SYS_madvise, {PLACE(page), 4096, MADV_HWPOISON}},
    {"memory-placed", SYS_mbind, {PLACE(page), 4096, 0, 0, 0, 0}},
    {"memory-key", SYS_pkey_alloc, {0, 0}},
    {0},
};

/* What a compiler on the fly does: write, then execute. */
static long write_then_execute(void) {
    const long place = call6(SYS_mmap, 0, 4096, PLAIN, PRIVATE, -1, 0);
    if (place < 0) return place;
    return call3(SYS_mprotect, place, 4096, PROT_READ | PROT_EXEC);
}

static long grow_break(void) {
    long end = call3(SYS_brk, 0, 0, 0);
    for (;;) {
        const long next = call3(SYS_brk, end + (1 << 20), 0, 0);
        if (next == end) return -ENOMEM;
        end = next;
    }
}

const struct hostile_steps hostile_memory_steps[] = {
    {"code-written", write_then_execute},
    {"break-bomb", grow_break},
    {0},
};
