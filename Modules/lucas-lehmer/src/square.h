/* Squares of large whole numbers: limbs of 64 bits, the lowest first. */
#ifndef LUCAS_LEHMER_SQUARE_H
#define LUCAS_LEHMER_SQUARE_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t limb;
typedef unsigned __int128 wide;

/* Limbs of room that square() needs for numbers of `size` limbs. */
size_t square_room(size_t size);

/* Sets the 2 * size limbs of `out` to the square of the `size` >= 1 limbs of `in`. Nothing may overlap. */
void square(limb *restrict out, const limb *restrict in, size_t size, limb *restrict room);

#endif
