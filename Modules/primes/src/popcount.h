/* Counts the bits that are set. */
#ifndef PRIMES_POPCOUNT_H
#define PRIMES_POPCOUNT_H

#include <stdint.h>

/* How many bits are set in `size` bytes. */
uint64_t popcount(const uint8_t *bytes, uint32_t size);

#endif
