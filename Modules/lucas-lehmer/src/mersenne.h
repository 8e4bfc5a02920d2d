/* Whether 2^p - 1 is a prime. */
#ifndef LUCAS_LEHMER_MERSENNE_H
#define LUCAS_LEHMER_MERSENNE_H

#include "square.h"

#include <stdbool.h>

bool is_prime(uint32_t number);

/* A prime factor of 2^p - 1 for an odd prime p, or 0 when there is none that is small enough to be worth looking for. */
uint64_t small_factor(uint32_t p);

/* The test of Lucas and Lehmer under way: s is the number after `steps` of p - 2 steps. */
struct lucas_lehmer {
    uint32_t p;
    uint32_t steps;
    size_t limbs;
    limb *s;
    limb *product;
    limb *room;
};

/* Limbs that a test of this exponent works with. */
size_t limbs_of(uint32_t p);

/* False without memory. */
bool lucas_lehmer_begin(struct lucas_lehmer *test, uint32_t p);
void lucas_lehmer_end(struct lucas_lehmer *test);

/* One step: s = s^2 - 2 modulo 2^p - 1. */
void lucas_lehmer_step(struct lucas_lehmer *test);

/* After the last step: whether 2^p - 1 is a prime. */
bool lucas_lehmer_is_prime(const struct lucas_lehmer *test);

#endif
