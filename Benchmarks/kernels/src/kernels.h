/* Four computations of some ten milliseconds each, which need nothing but memory: also compiled for WebAssembly, to compare. */
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>

#define SIEVE_LIMIT 5000000
#define MATRIX_SIDE 384
#define HASH_BYTES (16u << 20)

/* Shared room: the largest kernel's. */
static uint8_t room[HASH_BYTES] __attribute__((aligned(64)));

/* How many primes there are below the limit. */
static uint64_t sieve(void)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < SIEVE_LIMIT; i++) { room[i] = 1; }
    for (uint32_t i = 2; i < SIEVE_LIMIT; i++) {
        if (!room[i]) { continue; }
        count++;
        for (uint64_t j = (uint64_t)i * i; j < SIEVE_LIMIT; j += i) { room[j] = 0; }
    }
    return count;
}

/* Iterations over a small picture. */
static uint64_t mandelbrot(void)
{
    uint64_t total = 0;
    for (int y = 0; y < 200; y++) {
        for (int x = 0; x < 300; x++) {
            const double cr = x / 150.0 - 1.5, ci = y / 100.0 - 1.0;
            double zr = 0, zi = 0;
            int steps = 0;
            for (; steps < 256 && zr * zr + zi * zi < 4; steps++) {
                const double next = zr * zr - zi * zi + cr;
                zi = 2 * zr * zi + ci;
                zr = next;
            }
            total += (uint64_t)steps;
        }
    }
    return total;
}

/* The sum of a product's entries. */
static uint64_t product(void)
{
    double *const a = (double *)room, *const b = a + MATRIX_SIDE * MATRIX_SIDE, *const c = b + MATRIX_SIDE * MATRIX_SIDE;
    for (int i = 0; i < MATRIX_SIDE * MATRIX_SIDE; i++) {
        a[i] = i % 7;
        b[i] = i % 5;
        c[i] = 0;
    }
    for (int i = 0; i < MATRIX_SIDE; i++) {
        for (int k = 0; k < MATRIX_SIDE; k++) {
            for (int j = 0; j < MATRIX_SIDE; j++) { c[i * MATRIX_SIDE + j] += a[i * MATRIX_SIDE + k] * b[k * MATRIX_SIDE + j]; }
        }
    }
    double sum = 0;
    for (int i = 0; i < MATRIX_SIDE * MATRIX_SIDE; i++) { sum += c[i]; }
    return (uint64_t)sum;
}

/* FNV-1a over the room. */
static uint64_t hash(void)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < HASH_BYTES; i++) { room[i] = (uint8_t)(i * 31); }
    for (uint32_t i = 0; i < HASH_BYTES; i++) { value = (value ^ room[i]) * 0x100000001b3u; }
    return value;
}

static uint64_t kernel(int64_t number)
{
    switch (number) {
    case 0: return sieve();
    case 1: return mandelbrot();
    case 2: return product();
    default: return hash();
    }
}

#endif
