#include "popcount.h"

#include <string.h>

/* Two words at once: every x86-64 and aarch64 processor has such registers. */
typedef uint64_t vector __attribute__((vector_size(16)));

/* Bits of each word, added up in parallel (no processor of the baseline counts bits in one instruction). */
static inline vector bits_of(vector v)
{
    v -= (v >> 1) & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + ((v >> 2) & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    v += v >> 8;
    v += v >> 16;
    v += v >> 32;
    return v & 0x7F;
}

/* A full adder on each bit: a + b + c = 2 * carry + sum. */
static inline vector add(vector *carry, vector a, vector b, vector c)
{
    const vector half = a ^ b;
    *carry = (a & b) | (half & c);
    return half ^ c;
}

/* Harley and Seal's way: eight vectors are added bit by bit, so that only every eighth needs its bits counted. */
uint64_t popcount(const uint8_t *bytes, uint32_t size)
{
    vector ones = {0}, twos = {0}, fours = {0}, total = {0};
    uint32_t done = 0;
    for (; size - done >= 8 * sizeof(vector); done += 8 * sizeof(vector)) {
        vector v[8], twosA, twosB, foursA, foursB, eights;
        memcpy(v, bytes + done, sizeof v);
        ones = add(&twosA, ones, v[0], v[1]);
        ones = add(&twosB, ones, v[2], v[3]);
        twos = add(&foursA, twos, twosA, twosB);
        ones = add(&twosA, ones, v[4], v[5]);
        ones = add(&twosB, ones, v[6], v[7]);
        twos = add(&foursB, twos, twosA, twosB);
        fours = add(&eights, fours, foursA, foursB);
        total += bits_of(eights);
    }
    total = 8 * total + 4 * bits_of(fours) + 2 * bits_of(twos) + bits_of(ones);
    uint64_t count = total[0] + total[1];
    for (; done < size; done++) { count += (uint64_t)__builtin_popcount(bytes[done]); }
    return count;
}
