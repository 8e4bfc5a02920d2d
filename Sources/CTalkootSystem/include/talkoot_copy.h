/* Copies into memory that another process reads: the cell's results and the agent's requests. */
#ifndef TALKOOT_COPY_H
#define TALKOOT_COPY_H

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

/* From so many bytes on, what is copied is not in a cache any more when the other process reads it. */
#define TALKOOT_STREAMED_BYTES (4u << 20)

/* As memcpy, but what is large goes past the caches: nothing has to be fetched only to be overwritten, a third of the traffic. libc does
 * so only above what it takes for the size of the shared cache, which in virtual machines is often many times the real one. */
static inline void talkoot_copy(void *destination, const void *source, size_t size) {
    char *to = (char *)destination;
    const char *from = (const char *)source;
#if defined(__x86_64__)
    if (size >= TALKOOT_STREAMED_BYTES) {
        const size_t head = -(uintptr_t)to & 15;
        memcpy(to, from, head);
        to += head, from += head, size -= head;
        for (; size >= 64; to += 64, from += 64, size -= 64)
            for (size_t i = 0; i < 64; i += 16) _mm_stream_si128((__m128i *)(to + i), _mm_loadu_si128((const __m128i *)(from + i)));
        _mm_sfence();
    }
#endif
    memcpy(to, from, size);
}

#endif
