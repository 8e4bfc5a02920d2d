/* Counts primes in a range with a segmented sieve of Eratosthenes on a wheel of 30.
 *
 * A byte stands for 30 consecutive numbers: its 8 bits are those that 2, 3 and 5 do not divide, so a block of
 * 128 KiB, which stays in the second-level cache, covers 3,932,160 numbers. */
#ifndef PRIMES_SIEVE_H
#define PRIMES_SIEVE_H

#include <stdbool.h>
#include <stdint.h>

/* How far a count has come: primes found in the bytes before `next`. */
struct sieve_progress {
    uint64_t next;  /* the next byte, which stands for the numbers 30 * next ..< 30 * next + 30 */
    uint64_t count;
};

/* Asked between blocks, with the next byte; true stops the count. */
typedef bool sieve_stop(void *context, uint64_t next);

/* Adds to progress->count the primes p with 30 * progress->next <= p < limit and p < 30 * end, and moves
 * progress->next on. Returns 0 at the end, 1 when stopped, -1 without memory. Keeps the primes up to the square root
 * of the limit for the next call. */
int sieve_count(struct sieve_progress *progress, uint64_t end, uint64_t limit, sieve_stop *stop, void *context);

#endif
