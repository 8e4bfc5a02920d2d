/* Functions whose last bit the C library's versions do not agree on, made of operations that are exact by their standard. Without
 * branches, so that loops over them become vector code. */
#ifndef MONTECARLO_FUNCTIONS_H
#define MONTECARLO_FUNCTIONS_H

#include <stdint.h>
#include <string.h>

/* Added to a number below 2^51, it leaves the nearest whole number in the low bits. */
#define ROUNDER 6755399441055744.0

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* A whole number below 2^52 as a double. */
static inline double real_of(uint64_t whole) { return double_of(whole | 0x4330000000000000u) - 4503599627370496.0; }

/* The word's place between 0 and 1, neither of them. */
static inline double unit_interval(uint32_t word) { return (real_of(word) + 0.5) * (1.0 / 4294967296.0); }

static inline double square_root(double x) { return __builtin_sqrt(x); }

static inline double at_most(double x, double limit) { return x < limit ? x : limit; }
static inline double at_least(double x, double limit) { return x > limit ? x : limit; }

/* ln x for normal x > 0: the exponent, and 2 artanh((m - 1) / (m + 1)) of the mantissa by its series. */
static inline double logarithm(double x)
{
    /* Moves the cut between exponents to sqrt(1/2), so that m lies between that and its double. */
    const uint64_t moved = bits_of(x) - 0x3FE6A09E667F3BCDu;
    const double exponent = real_of((moved >> 52) ^ 0x800u) - 2048;
    const double m = double_of((moved & 0x000FFFFFFFFFFFFFu) + 0x3FE6A09E667F3BCDu);
    const double s = (m - 1) / (m + 1), square = s * s;
    double sum = 1.0 / 19;
    sum = sum * square + 1.0 / 17;
    sum = sum * square + 1.0 / 15;
    sum = sum * square + 1.0 / 13;
    sum = sum * square + 1.0 / 11;
    sum = sum * square + 1.0 / 9;
    sum = sum * square + 1.0 / 7;
    sum = sum * square + 1.0 / 5;
    sum = sum * square + 1.0 / 3;
    return exponent * 0.6931471805599453 + (2 * s + 2 * s * square * sum);
}

/* e^x, held between e^-700 and e^700: 2^k times the series for what is left. */
static inline double exponential(double x)
{
    x = at_least(at_most(x, 700), -700);
    const double rounded = x * 1.4426950408889634 + ROUNDER, k = rounded - ROUNDER;
    const double r = x - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
    double sum = 1.0 / 479001600;
    sum = sum * r + 1.0 / 39916800;
    sum = sum * r + 1.0 / 3628800;
    sum = sum * r + 1.0 / 362880;
    sum = sum * r + 1.0 / 40320;
    sum = sum * r + 1.0 / 5040;
    sum = sum * r + 1.0 / 720;
    sum = sum * r + 1.0 / 120;
    sum = sum * r + 1.0 / 24;
    sum = sum * r + 1.0 / 6;
    sum = sum * r + 0.5;
    sum = sum * r + 1;
    sum = sum * r + 1;
    return sum * double_of((bits_of(rounded) + 1023) << 52);
}

/* Sine and cosine of `turns` whole turns, between 0 and 1: the nearest quarter and the series round it. */
static inline void turn(double turns, double *sine, double *cosine)
{
    const double rounded = 4 * turns + ROUNDER;
    const double x = (4 * turns - (rounded - ROUNDER)) * 1.5707963267948966, square = x * x;
    double odd = 1.0 / 6227020800;
    odd = odd * square - 1.0 / 39916800;
    odd = odd * square + 1.0 / 362880;
    odd = odd * square - 1.0 / 5040;
    odd = odd * square + 1.0 / 120;
    odd = odd * square - 1.0 / 6;
    odd = x + x * square * odd;
    double even = -1.0 / 87178291200;
    even = even * square + 1.0 / 479001600;
    even = even * square - 1.0 / 3628800;
    even = even * square + 1.0 / 40320;
    even = even * square - 1.0 / 720;
    even = even * square + 1.0 / 24;
    even = even * square - 0.5;
    even = 1 + square * even;
    /* In odd quarters they change places; the signs follow the quarter's two bits. */
    const uint64_t quarter = bits_of(rounded), swap = -(quarter & 1);
    const uint64_t first = bits_of(odd), second = bits_of(even);
    *sine = double_of(((first & ~swap) | (second & swap)) ^ (quarter & 2) << 62);
    *cosine = double_of(((second & ~swap) | (first & swap)) ^ ((quarter + 1) & 2) << 62);
}

#endif
