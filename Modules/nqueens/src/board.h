/* Boards whose first rows are taken, and how many ways there are to fill the others. */
#ifndef NQUEENS_BOARD_H
#define NQUEENS_BOARD_H

#include <stdint.h>

/* How many boards with queens in the first rows there are for a side of n, up to their mirror images; some of them attack each other. */
uint64_t starts_of(uint32_t n);

/* In how many ways the start can be completed, its mirror image included. */
uint64_t count_from(uint32_t n, uint64_t start);

#endif
