/* Fills a block with the numbers that the small primes 7 ... PRESIEVED_UP_TO do not divide, by combining patterns: crossing
 * them out one by one would cost more than all the other primes together. */
#ifndef PRIMES_PRESIEVE_H
#define PRIMES_PRESIEVE_H

#include <stdint.h>

/* The last prime of the patterns. */
#define PRESIEVED_UP_TO 73u

/* Fills `size` bytes that stand for the numbers from 30 * start on. */
void presieve(uint8_t *block, uint32_t size, uint64_t start);

#endif
