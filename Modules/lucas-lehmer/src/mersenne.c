#include "mersenne.h"

#include <stdlib.h>
#include <string.h>

bool is_prime(uint32_t number)
{
    if (number < 4) { return number >= 2; }
    if (number % 2 == 0) { return false; }
    for (uint32_t divisor = 3; (uint64_t)divisor * divisor <= number; divisor += 2) {
        if (number % divisor == 0) { return false; }
    }
    return true;
}

/* a * b / 2^64 modulo q (Montgomery's way), where `inverse` * q = -1 modulo 2^64 and q < 2^63. */
static inline uint64_t product(uint64_t a, uint64_t b, uint64_t q, uint64_t inverse)
{
    const wide whole = (wide)a * b;
    const wide cleared = whole + (wide)((uint64_t)whole * inverse) * q;
    const uint64_t high = (uint64_t)(cleared >> 64);
    return high >= q ? high - q : high;
}

/* Whether q divides 2^p - 1, for odd q < 2^63. */
static bool divides(uint64_t q, uint32_t p)
{
    uint64_t inverse = q;
    for (int bits = 3; bits < 64; bits *= 2) { inverse *= 2 - q * inverse; }
    inverse = -inverse;
    const uint64_t one = (uint64_t)(((wide)1 << 64) % q);
    uint64_t power = one;
    for (int bit = 31 - __builtin_clz(p); bit >= 0; bit--) {
        power = product(power, power, q, inverse);
        if (p >> bit & 1) { power = power + power >= q ? power + power - q : power + power; }
    }
    return power == one;
}

/* Factors are 2 k p + 1 and, modulo 8, 1 or 7. The search costs a few percent of the test it may save. */
uint64_t small_factor(uint32_t p)
{
    const uint64_t last = (uint64_t)p * p / 2048 + 16;
    for (uint64_t k = 1; k <= last; k++) {
        const uint64_t q = 2 * k * p + 1;
        if (q % 8 != 1 && q % 8 != 7) { continue; }
        if (q % 3 == 0 || q % 5 == 0 || q % 7 == 0 || q % 11 == 0 || q % 13 == 0) {
            if (q > 13) { continue; }
        }
        /* 2^p - 1 itself is no proper factor. */
        if (p < 63 && q >= (1ull << p) - 1) { return 0; }
        if (divides(q, p)) { return q; }
    }
    return 0;
}

size_t limbs_of(uint32_t p) { return (p + 63) / 64; }

bool lucas_lehmer_begin(struct lucas_lehmer *test, uint32_t p)
{
    const size_t limbs = limbs_of(p);
    *test = (struct lucas_lehmer){.p = p, .limbs = limbs};
    test->s = malloc((3 * limbs + 2 + square_room(limbs)) * sizeof(limb));
    if (test->s == NULL) { return false; }
    test->product = test->s + limbs;
    test->room = test->product + 2 * limbs + 2;
    memset(test->s, 0, limbs * sizeof(limb));
    test->s[0] = 4;
    return true;
}

void lucas_lehmer_end(struct lucas_lehmer *test)
{
    free(test->s);
    test->s = NULL;
}

/* Takes 2 away, and a whole turn of 2^p - 1 first when there is less: subtracting 1 more and dropping the borrow is that. */
static void subtract_two(limb *s, size_t limbs, limb top)
{
    limb borrow = 2;
    for (size_t i = 0; i < limbs; i++) {
        const limb was = s[i];
        s[i] = was - borrow;
        borrow = was < borrow;
    }
    s[limbs - 1] &= top;
    for (size_t i = 0; borrow != 0 && i < limbs; i++) { borrow = s[i]-- == 0; }
}

void lucas_lehmer_step(struct lucas_lehmer *test)
{
    const size_t limbs = test->limbs;
    const uint32_t shift = test->p % 64;
    const limb top = shift == 0 ? ~(limb)0 : ((limb)1 << shift) - 1;
    square(test->product, test->s, limbs, test->room);
    test->product[2 * limbs] = 0;

    /* 2^p is 1: the bits from p on are added to those below. */
    const limb *const high = test->product + (shift == 0 ? limbs : limbs - 1);
    limb carry = 0;
    for (size_t i = 0; i < limbs; i++) {
        const limb low = i + 1 < limbs ? test->product[i] : test->product[i] & top;
        const limb upper = shift == 0 ? high[i] : high[i] >> shift | high[i + 1] << (64 - shift);
        const wide sum = (wide)low + upper + carry;
        test->s[i] = (limb)sum;
        carry = (limb)(sum >> 64);
    }
    if (shift != 0) {
        carry = test->s[limbs - 1] >> shift;
        test->s[limbs - 1] &= top;
    }
    for (size_t i = 0; carry != 0 && i < limbs; i++) {
        test->s[i] += carry;
        carry = test->s[i] < carry;
    }
    subtract_two(test->s, limbs, top);
    test->steps++;
}

/* Zero has two forms: no bit set, and all of them. */
bool lucas_lehmer_is_prime(const struct lucas_lehmer *test)
{
    const uint32_t shift = test->p % 64;
    const limb top = shift == 0 ? ~(limb)0 : ((limb)1 << shift) - 1;
    bool isZero = true, isFull = true;
    for (size_t i = 0; i < test->limbs; i++) {
        isZero = isZero && test->s[i] == 0;
        isFull = isFull && test->s[i] == (i + 1 < test->limbs ? ~(limb)0 : top);
    }
    return isZero || isFull;
}
