#include "square.h"

#include <stdbool.h>
#include <string.h>

/* Up to here the plain way is the fastest. */
#define PLAIN_LIMBS 28u

/* out[0 ..< size] += in * factor; returns the limb carried out. */
static inline limb add_product(limb *restrict out, const limb *restrict in, size_t size, limb factor)
{
    limb carry = 0;
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC unroll 4
#endif
    for (size_t i = 0; i < size; i++) {
        const wide sum = (wide)in[i] * factor + out[i] + carry;
        out[i] = (limb)sum;
        carry = (limb)(sum >> 64);
    }
    return carry;
}

/* Each product of two different limbs once, then twice that, then the squares of the limbs. */
static void square_plainly(limb *restrict out, const limb *restrict in, size_t size)
{
    memset(out, 0, 2 * size * sizeof *out);
    for (size_t i = 0; i + 1 < size; i++) { out[size + i] = add_product(out + 2 * i + 1, in + i + 1, size - i - 1, in[i]); }
    limb carry = 0, shifted = 0;
    for (size_t i = 0; i < size; i++) {
        const wide own = (wide)in[i] * in[i];
        const wide low = (wide)(out[2 * i] << 1 | shifted) + (limb)own + carry;
        shifted = out[2 * i] >> 63;
        const wide high = (wide)(out[2 * i + 1] << 1 | shifted) + (limb)(own >> 64) + (limb)(low >> 64);
        shifted = out[2 * i + 1] >> 63;
        out[2 * i] = (limb)low;
        out[2 * i + 1] = (limb)high;
        carry = (limb)(high >> 64);
    }
}

/* to[0 ..< size] += from; returns the carry. */
static limb add(limb *restrict to, const limb *restrict from, size_t size)
{
    limb carry = 0;
    for (size_t i = 0; i < size; i++) {
        const wide sum = (wide)to[i] + from[i] + carry;
        to[i] = (limb)sum;
        carry = (limb)(sum >> 64);
    }
    return carry;
}

/* to[0 ..< size] -= from; returns the borrow. */
static limb subtract(limb *restrict to, const limb *restrict from, size_t size)
{
    limb borrow = 0;
    for (size_t i = 0; i < size; i++) {
        const wide difference = (wide)to[i] - from[i] - borrow;
        to[i] = (limb)difference;
        borrow = (limb)(difference >> 64) & 1;
    }
    return borrow;
}

/* out = |a - b|, both of `size` limbs. */
static void distance(limb *restrict out, const limb *a, const limb *b, size_t size)
{
    size_t top = size;
    while (top > 0 && a[top - 1] == b[top - 1]) { top--; }
    const bool isLess = top > 0 && a[top - 1] < b[top - 1];
    memcpy(out, isLess ? b : a, size * sizeof *out);
    subtract(out, isLess ? a : b, size);
}

/* Sizes are made even on the way down, so each level keeps a copy of its number with a zero on top. */
size_t square_room(size_t size) { return 8 * size + 1024; }

/* Karatsuba's way: (h x + l)^2 = h^2 x^2 + (h^2 + l^2 - (h - l)^2) x + l^2, three squares of half the size in place of four. */
void square(limb *restrict out, const limb *restrict in, size_t size, limb *restrict room)
{
    if (size <= PLAIN_LIMBS) {
        square_plainly(out, in, size);
        return;
    }
    if (size % 2 != 0) {
        /* The lowest limbs by themselves, the highest limb t with all of them: (t x + l)^2 = t^2 x^2 + 2 t l x + l^2. */
        const size_t rest = size - 1;
        const limb top = in[rest];
        square(out, in, rest, room);
        const wide own = (wide)top * top;
        out[2 * rest] = (limb)own;
        out[2 * rest + 1] = (limb)(own >> 64);
        for (int twice = 0; twice < 2; twice++) {
            limb carry = add_product(out + rest, in, rest, top);
            for (size_t i = 2 * rest; carry != 0; i++) {
                out[i] += carry;
                carry = out[i] < carry;
            }
        }
        return;
    }
    const size_t half = size / 2;
    limb *const middle = room, *const next = room + size;
    distance(middle, in, in + half, half);
    square(out, middle, half, next);
    memcpy(middle, out, size * sizeof *middle);
    square(out, in, half, next);
    square(out + size, in + half, half, next);
    /* middle = h^2 + l^2 - (h - l)^2, of size limbs and a carry. */
    memcpy(next, out, size * sizeof *next);
    limb carry = add(next, out + size, size);
    carry -= subtract(next, middle, size);
    carry += add(out + half, next, size);
    for (size_t i = half + size; carry != 0; i++) {
        out[i] += carry;
        carry = out[i] < carry;
    }
}
