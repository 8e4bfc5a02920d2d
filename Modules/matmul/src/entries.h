/* The entries of the two matrices: a function of the seed and their place, so that whoever needs a part makes it. */
#ifndef MATMUL_ENTRIES_H
#define MATMUL_ENTRIES_H

#include <stdint.h>

enum matrix { LEFT, RIGHT };

/* Between -1 and 1, a multiple of 2^-52. SplitMix64's finisher mixes the place's bits. */
static inline double entry(uint64_t seed, enum matrix matrix, uint64_t row, uint64_t column)
{
    uint64_t bits = (seed * 2 + matrix) * 0xD1342543DE82EF95u + (row << 32 | column) * 0x9E3779B97F4A7C15u;
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
    bits ^= bits >> 31;
    return (double)(int64_t)(bits >> 11) * 0x1p-52 - 1;
}

#endif
