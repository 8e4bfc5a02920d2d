/*
 * The allocation functions that modules call, over those of libc: a refused allocation is noted, so that the parent can say
 * "out of memory" and not "crashed". And random numbers that are the same on every host.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"

#define EXPORT __attribute__((visibility("default"), used))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static void *note(void *memory, size_t size) {
    if (__builtin_expect(memory == NULL, 0) && size != 0 && cell.status != NULL && cell.status->refused_bytes == 0)
        cell.status->refused_bytes = size;
    return memory;
}

EXPORT void *malloc(size_t size) { return note(__libc_malloc(size), size); }

EXPORT void *calloc(size_t count, size_t size) { return note(__libc_calloc(count, size), count == 0 ? 0 : size); }

EXPORT void *realloc(void *memory, size_t size) { return note(__libc_realloc(memory, size), size); }

EXPORT void *memalign(size_t alignment, size_t size) { return note(__libc_memalign(alignment, size), size); }

EXPORT void *aligned_alloc(size_t alignment, size_t size) { return note(__libc_memalign(alignment, size), size); }

EXPORT int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *memory = note(__libc_memalign(alignment, size), size);
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}

/* Swift's hashing and its default generator draw from here. Starting anew in each call, the stream makes the order of a
 * dictionary the same on every volunteer; a module's own randomness comes from talkoot_unit.seed. */
EXPORT void arc4random_buf(void *buffer, size_t size) {
    char *place = buffer;
    while (size > 0) {
        uint64_t z = (cell.random += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        const size_t count = size < sizeof z ? size : sizeof z;
        memcpy(place, &z, count);
        place += count;
        size -= count;
    }
}
