#include "base.h"

#include "presieve.h"

#include <stdlib.h>
#include <string.h>

static struct base_primes known;

static uint32_t root_of(uint64_t limit)
{
    uint64_t root = 1;
    while (root * root < limit) { root *= 2; }
    for (uint64_t step = root; step > 0; step /= 2) {
        if (root > step && (root - step) * (root - step) >= limit) { root -= step; }
    }
    return (uint32_t)root;
}

const struct base_primes *base_primes_up_to_root(uint64_t limit)
{
    const uint32_t root = root_of(limit);
    known.is_fresh = false;
    if (known.primes != NULL && known.root == root) { return &known; }

    /* One byte for each odd number 2 i + 1; at most 16 MB, for a moment. */
    const size_t odds = root / 2 + 1;
    uint8_t *const composite = calloc(odds, 1);
    if (composite == NULL) { return NULL; }
    size_t count = 0;
    for (size_t i = 1; i < odds; i++) {
        if (composite[i]) { continue; }
        count++;
        const size_t p = 2 * i + 1;
        for (size_t multiple = p * p / 2; multiple < odds; multiple += p) { composite[multiple] = 1; }
    }
    uint32_t *const primes = malloc((count + 1) * sizeof *primes);
    if (primes != NULL) {
        free((void *)known.primes);
        known = (struct base_primes){.root = root, .primes = primes, .is_fresh = true};
        for (size_t i = PRESIEVED_UP_TO / 2 + 1; i < odds; i++) {
            if (!composite[i]) { primes[known.count++] = (uint32_t)(2 * i + 1); }
        }
    }
    free(composite);
    return primes == NULL ? NULL : &known;
}
