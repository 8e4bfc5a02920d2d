/* Counts queens by the plain recursion with bits, each half of the board's mirror images once: what the module nqueens is compared with. */
#include <stdio.h>
#include <stdlib.h>

static unsigned all;

static unsigned long long count(unsigned columns, unsigned rising, unsigned falling)
{
    if (columns == all) { return 1; }
    unsigned long long ways = 0;
    for (unsigned open = all & ~(columns | rising | falling); open != 0; open &= open - 1) {
        const unsigned queen = open & -open;
        ways += count(columns | queen, (rising | queen) << 1, (falling | queen) >> 1);
    }
    return ways;
}

int main(int words, char **word)
{
    const int side = words > 1 ? atoi(word[1]) : 8;
    if (side < 1 || side > 27) { return 64; }
    all = (1u << side) - 1;
    unsigned long long ways = 0;
    for (int column = 0; column < side / 2; column++) { ways += 2 * count(1u << column, 2u << column, (1u << column) >> 1); }
    if (side % 2 == 1) { ways += count(1u << side / 2, 2u << side / 2, (1u << side / 2) >> 1); }
    printf("%llu\n", ways);
    return 0;
}
