#include "random.h"

#include "functions.h"

#define ROUNDS 10

/* One loop over the groups, without a branch, so that it becomes vector code. */
void random_words(uint32_t words[PATHS_OF_GROUP][GROUPS], uint64_t seed, uint64_t first, uint32_t step)
{
    for (uint32_t i = 0; i < GROUPS; i++) {
        uint32_t a = (uint32_t)(first + i), b = (uint32_t)((first + i) >> 32), c = step, d = 0;
        uint32_t key = (uint32_t)seed, other_key = (uint32_t)(seed >> 32);
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC unroll 10
#endif
        for (int round = 0; round < ROUNDS; round++) {
            const uint64_t left = 0xD2511F53ull * a, right = 0xCD9E8D57ull * c;
            a = (uint32_t)(right >> 32) ^ b ^ key;
            b = (uint32_t)right;
            c = (uint32_t)(left >> 32) ^ d ^ other_key;
            d = (uint32_t)left;
            key += 0x9E3779B9u;
            other_key += 0xBB67AE85u;
        }
        words[0][i] = a;
        words[1][i] = b;
        words[2][i] = c;
        words[3][i] = d;
    }
}

/* Box and Muller's way: two uniform numbers give two normal ones. */
static void normals_of(double *restrict first, double *restrict second, const uint32_t *restrict a, const uint32_t *restrict b)
{
    for (uint32_t i = 0; i < GROUPS; i++) {
        const double radius = square_root(-2 * logarithm(unit_interval(a[i])));
        double sine, cosine;
        turn(unit_interval(b[i]), &sine, &cosine);
        first[i] = radius * cosine;
        second[i] = radius * sine;
    }
}

void random_normals(double normals[PATHS_OF_GROUP][GROUPS], uint64_t seed, uint64_t first, uint32_t step)
{
    uint32_t words[PATHS_OF_GROUP][GROUPS];
    random_words(words, seed, first, step);
    normals_of(normals[0], normals[1], words[0], words[1]);
    normals_of(normals[2], normals[3], words[2], words[3]);
}
