#include "paths.h"

#include "functions.h"
#include "random.h"

#define BATCH (GROUPS * PATHS_OF_GROUP)

/* The logarithms of the prices, and of what the paths have seen of them so far: nothing, the sum of prices or of logarithms. */
struct batch {
    double logarithm[BATCH];
    double seen[BATCH];
};

static void take_step(struct batch *batch, const struct option *option, const double *normals)
{
    for (uint32_t i = 0; i < BATCH; i++) { batch->logarithm[i] += option->drift + option->spread * normals[i]; }
    if (option->kind == ASIAN) {
        for (uint32_t i = 0; i < BATCH; i++) { batch->seen[i] += exponential(batch->logarithm[i]); }
    } else if (option->kind == GEOMETRIC) {
        for (uint32_t i = 0; i < BATCH; i++) { batch->seen[i] += batch->logarithm[i]; }
    }
}

/* What the strike is compared with. */
static void settle(const struct batch *batch, const struct option *option, double *price)
{
    const double steps = option->steps;
    if (option->kind == ASIAN) {
        for (uint32_t i = 0; i < BATCH; i++) { price[i] = batch->seen[i] / steps; }
    } else if (option->kind == GEOMETRIC) {
        for (uint32_t i = 0; i < BATCH; i++) { price[i] = exponential(batch->seen[i] / steps); }
    } else {
        for (uint32_t i = 0; i < BATCH; i++) { price[i] = exponential(batch->logarithm[i]); }
    }
}

static void add_values(struct sums *sums, const struct option *option, const double *price, uint32_t count)
{
    uint64_t values[BATCH];
    const double sign = option->put ? -1 : 1;
    for (uint32_t i = 0; i < BATCH; i++) {
        const double value = at_most(at_least(sign * (price[i] - option->strike), 0), MOST_VALUE);
        values[i] = bits_of(value * VALUE_UNIT + 4503599627370496.0) & 0x000FFFFFFFFFFFFFu;
    }
    for (uint32_t i = 0; i < count; i++) {
        sums->values += values[i];
        sums->squares += (unsigned __int128)values[i] * values[i];
    }
    sums->paths += count;
}

void add_paths(struct sums *sums, const struct option *option, uint64_t first, uint64_t count)
{
    for (uint64_t done = 0; done < count; done += BATCH) {
        struct batch batch = {{0}, {0}};
        double numbers[BATCH];
        for (uint32_t step = 0; step < option->steps; step++) {
            random_normals((double(*)[GROUPS])numbers, option->seed, (first + done) / PATHS_OF_GROUP, step);
            take_step(&batch, option, numbers);
        }
        settle(&batch, option, numbers);
        add_values(sums, option, numbers, count - done < BATCH ? (uint32_t)(count - done) : BATCH);
    }
}
