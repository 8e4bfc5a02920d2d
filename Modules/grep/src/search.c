#include "search.h"

#include <stdbool.h>
#include <string.h>

/* As wide as the processor's registers. */
#ifdef __AVX2__
#define WIDTH 32
#else
#define WIDTH 16
#endif

/* `text_bytes` are read at any place. */
typedef uint8_t bytes __attribute__((vector_size(WIDTH)));
typedef uint8_t text_bytes __attribute__((vector_size(WIDTH), aligned(1), may_alias));
typedef uint64_t words __attribute__((vector_size(WIDTH)));

static bool is_at(const uint8_t *place, const struct literal *literal)
{
    for (size_t i = 0; i < literal->size; i++) {
        if ((place[i] | literal->ignored[i]) != literal->wanted[i]) { return false; }
    }
    return true;
}

static inline bool is_nothing(bytes found)
{
    const words parts = (words)found;
    uint64_t all = 0;
    for (size_t i = 0; i < sizeof parts / sizeof all; i++) { all |= parts[i]; }
    return all == 0;
}

/* The first and the last byte are compared at many places at once, which leaves few places to look at more closely. */
const uint8_t *search(const uint8_t *text, const uint8_t *end, const struct literal *literal)
{
    const size_t size = literal->size;
    if ((size_t)(end - text) < size) { return NULL; }
    if (size == 1 && literal->ignored[0] == 0) { return memchr(text, literal->wanted[0], (size_t)(end - text)); }
    const bytes first = (bytes){0} + literal->wanted[0], last = (bytes){0} + literal->wanted[size - 1];
    const bytes first_ignored = (bytes){0} + literal->ignored[0], last_ignored = (bytes){0} + literal->ignored[size - 1];
    const uint8_t *const stop = end - size + 1;
    for (; stop - text >= WIDTH; text += WIDTH) {
        const bytes head = *(const text_bytes *)text, tail = *(const text_bytes *)(text + size - 1);
        const bytes both = (bytes)(((head | first_ignored) == first) & ((tail | last_ignored) == last));
        if (is_nothing(both)) { continue; }
        for (size_t i = 0; i < WIDTH; i++) {
            if (both[i] != 0 && is_at(text + i, literal)) { return text + i; }
        }
    }
    for (; text < stop; text++) {
        if (is_at(text, literal)) { return text; }
    }
    return NULL;
}
