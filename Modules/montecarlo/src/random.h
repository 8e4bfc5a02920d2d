/* Random numbers that are a function of their place: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, 2011). So a path
 * has the same ones whoever computes it, and in whatever order. */
#ifndef MONTECARLO_RANDOM_H
#define MONTECARLO_RANDOM_H

#include <stdint.h>

/* Groups of four paths that are computed side by side. */
#define GROUPS 64u
#define PATHS_OF_GROUP 4u

/* Four random words for each of the groups first ..., at a step. */
void random_words(uint32_t words[PATHS_OF_GROUP][GROUPS], uint64_t seed, uint64_t first, uint32_t step);

/* Normal numbers of mean 0 and variance 1 for the same. */
void random_normals(double normals[PATHS_OF_GROUP][GROUPS], uint64_t seed, uint64_t first, uint32_t step);

#endif
