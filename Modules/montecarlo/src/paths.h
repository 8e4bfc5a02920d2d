/* The value of an option along random paths. */
#ifndef MONTECARLO_PATHS_H
#define MONTECARLO_PATHS_H

#include <stdbool.h>
#include <stdint.h>

enum kind { EUROPEAN, ASIAN, GEOMETRIC };

struct option {
    enum kind kind;
    bool put;
    double strike; /* as a part of the first price, like all values here */
    double drift;  /* what a step adds to the logarithm */
    double spread; /* what a normal number adds to it */
    uint32_t steps;
    uint64_t seed;
};

/* Values are whole numbers of 2^-24 here, so that their sums do not depend on the order. */
#define VALUE_UNIT 16777216.0

/* The highest value that has such a number; plan() sees to it that none comes near. */
#define MOST_VALUE 134217728.0

struct sums {
    unsigned __int128 values;
    unsigned __int128 squares;
    uint64_t paths;
};

/* Adds the paths first ..< first + count; `first` is a multiple of 256. */
void add_paths(struct sums *sums, const struct option *option, uint64_t first, uint64_t count);

#endif
