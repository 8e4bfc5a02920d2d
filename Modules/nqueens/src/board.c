#include "board.h"

#include <stdbool.h>

/* Rows that a start fixes: enough for thousands of starts, few enough for each to be some work. */
#define ROWS_OF_START 3u

/* What the queens above a row attack in it: bit c stands for column c. Diagonals move by one with each row. */
struct attacks {
    uint32_t columns;
    uint32_t rising;
    uint32_t falling;
};

static inline struct attacks after(struct attacks attacks, uint32_t queen)
{
    return (struct attacks){attacks.columns | queen, (attacks.rising | queen) << 1, (attacks.falling | queen) >> 1};
}

static inline uint32_t free_in(struct attacks attacks, uint32_t all) { return all & ~(attacks.columns | attacks.rising | attacks.falling); }

/* How many ways there are to fill the rows that are left, at least two of them. The last row has one column left, so it is a question
 * and no loop. */
static uint64_t count(struct attacks attacks, uint32_t all, uint32_t rows)
{
    uint64_t ways = 0;
    for (uint32_t open = free_in(attacks, all); open != 0; open &= open - 1) {
        const struct attacks next = after(attacks, open & -open);
        const uint32_t next_open = free_in(next, all);
        if (next_open == 0) { continue; }
        ways += rows == 2 ? 1 : count(next, all, rows - 1);
    }
    return ways;
}

static uint32_t rows_of_start(uint32_t n) { return n < ROWS_OF_START ? n : ROWS_OF_START; }

uint64_t starts_of(uint32_t n)
{
    uint64_t starts = (n + 1) / 2;
    for (uint32_t row = 1; row < rows_of_start(n); row++) { starts *= n; }
    return starts;
}

/* The columns of a start, a digit to the base n for each row, the first row's the highest. */
static void columns_of(uint32_t n, uint64_t start, uint32_t columns[ROWS_OF_START])
{
    for (uint32_t row = rows_of_start(n); row-- > 0; start /= n) { columns[row] = (uint32_t)(start % n); }
}

/* How many boards this start stands for: two, but one where it is on neither side, and none for one that is the mirror image of another. */
static uint64_t images(uint32_t n, const uint32_t columns[ROWS_OF_START])
{
    for (uint32_t row = 0; row < rows_of_start(n); row++) {
        const uint32_t mirrored = n - 1 - columns[row];
        if (columns[row] != mirrored) { return columns[row] < mirrored ? 2 : 0; }
    }
    return 1;
}

uint64_t count_from(uint32_t n, uint64_t start)
{
    const uint32_t all = (uint32_t)((1ull << n) - 1);
    uint32_t columns[ROWS_OF_START];
    columns_of(n, start, columns);
    const uint64_t stands_for = images(n, columns);
    if (stands_for == 0) { return 0; }
    struct attacks attacks = {0, 0, 0};
    for (uint32_t row = 0; row < rows_of_start(n); row++) {
        const uint32_t queen = 1u << columns[row];
        if ((free_in(attacks, all) & queen) == 0) { return 0; }
        attacks = after(attacks, queen);
    }
    const uint32_t left = n - rows_of_start(n);
    if (left == 0) { return stands_for; }
    if (left == 1) { return free_in(attacks, all) != 0 ? stands_for : 0; }
    return stands_for * count(attacks, all, left);
}
