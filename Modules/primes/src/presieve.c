#include "presieve.h"

#include <stdbool.h>
#include <string.h>

/* Each pattern repeats after the product of its primes, in bytes; it is kept so much longer that a chunk can be read from any place
 * in it. */
#define CHUNK 1024u
#define PATTERNS 8u

static const uint32_t factors[PATTERNS][3] = {{7, 11, 13}, {17, 19, 23}, {29, 31, 1}, {37, 41, 1},
                                              {43, 47, 1}, {53, 59, 1},  {61, 67, 1}, {71, 73, 1}};
/* 1001 + 7429 + 899 + 1517 + 2021 + 3127 + 4087 + 5183 bytes, and a chunk for each. */
static uint8_t storage[25264 + PATTERNS * CHUNK];
static uint8_t *patterns[PATTERNS];
static uint32_t periods[PATTERNS];

/* The first three bytes of all: 1 is no prime, the patterns' own primes are. */
static const uint8_t first_bytes[3] = {0xFE, 0xDF, 0xEF};

static void make_patterns(void)
{
    static const uint8_t wheel[8] = {1, 7, 11, 13, 17, 19, 23, 29};
    uint8_t *next = storage;
    for (uint32_t n = 0; n < PATTERNS; n++) {
        patterns[n] = next;
        periods[n] = factors[n][0] * factors[n][1] * factors[n][2];
        for (uint32_t byte = 0; byte < periods[n] + CHUNK; byte++) {
            uint8_t bits = 0;
            for (uint32_t bit = 0; bit < 8; bit++) {
                const uint32_t number = 30 * byte + wheel[bit];
                bool isLeft = true;
                for (uint32_t f = 0; f < 3; f++) { isLeft = isLeft && (factors[n][f] == 1 || number % factors[n][f] != 0); }
                bits |= (uint8_t)(isLeft << bit);
            }
            next[byte] = bits;
        }
        next += periods[n] + CHUNK;
    }
}

/* The eight patterns over each other; the length is a constant but for the last chunk, so that it becomes vector code. */
static inline __attribute__((always_inline)) void combine(uint8_t *restrict out, const uint32_t at[PATTERNS], uint32_t length)
{
    const uint8_t *const a = patterns[0] + at[0], *const b = patterns[1] + at[1], *const c = patterns[2] + at[2],
                         *const d = patterns[3] + at[3], *const e = patterns[4] + at[4], *const f = patterns[5] + at[5],
                         *const g = patterns[6] + at[6], *const h = patterns[7] + at[7];
    for (uint32_t i = 0; i < length; i++) { out[i] = a[i] & b[i] & c[i] & d[i] & e[i] & f[i] & g[i] & h[i]; }
}

void presieve(uint8_t *block, uint32_t size, uint64_t start)
{
    if (patterns[0] == NULL) { make_patterns(); }
    uint32_t at[PATTERNS];
    for (uint32_t n = 0; n < PATTERNS; n++) { at[n] = (uint32_t)(start % periods[n]); }
    for (uint32_t done = 0; done < size; done += CHUNK) {
        if (size - done >= CHUNK) {
            combine(block + done, at, CHUNK);
        } else {
            combine(block + done, at, size - done);
        }
        for (uint32_t n = 0; n < PATTERNS; n++) { at[n] = (at[n] + CHUNK) % periods[n]; }
    }
    for (uint64_t byte = start; byte < 3 && byte - start < size; byte++) { block[byte - start] = first_bytes[byte]; }
}
