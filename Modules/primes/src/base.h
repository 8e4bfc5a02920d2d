/* The primes up to the square root of the limit, found once in a process. */
#ifndef PRIMES_BASE_H
#define PRIMES_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_primes {
    uint32_t root;     /* primes up to here, presieved ones left out */
    const uint32_t *primes;
    size_t count;
    bool is_fresh;     /* whether this call found them */
};

/* NULL without memory. The limit is at most 10^15. */
const struct base_primes *base_primes_up_to_root(uint64_t limit);

#endif
