#include "sieve.h"

#include "base.h"
#include "popcount.h"
#include "presieve.h"

#include <stdlib.h>
#include <string.h>

/* Residues modulo 30 that 2, 3 and 5 do not divide, and the bit of each in a byte. */
static const uint8_t wheel[8] = {1, 7, 11, 13, 17, 19, 23, 29};

/* A prime p = 30 q + r that is being crossed out: its next multiple p (30 k + wheel[turn]) is in byte `at`,
 * counted from the start of the block. */
struct crossing {
    uint32_t q;
    uint32_t at;
    uint32_t turn;
};

/* The primes of one residue r, ascending; those before `active` have a square before the end of the block. */
struct family {
    struct crossing *list;
    uint32_t active;
};

static struct {
    uint8_t *block;
    uint32_t block_bytes;
    struct family families[8];
    struct crossing *storage;
} state;

/* The bit of the number with this residue. */
#define BIT(residue)                                                                                                   \
    ((residue) == 1    ? 1u                                                                                            \
     : (residue) == 7  ? 2u                                                                                            \
     : (residue) == 11 ? 4u                                                                                            \
     : (residue) == 13 ? 8u                                                                                            \
     : (residue) == 17 ? 16u                                                                                           \
     : (residue) == 19 ? 32u                                                                                           \
     : (residue) == 23 ? 64u                                                                                           \
                       : 128u)

/* Crosses out the multiple p (30 k + w) in byte `offset`. */
#define CROSS(offset, w) (block[offset] &= (uint8_t)~BIT(r *(w) % 30))
/* From p (30 k) to the byte of p (30 k + w). */
#define OFFSET(w) (q * (w) + r * (w) / 30)
/* One multiple; leaves when it lies behind the block. */
#define TURN(i, w, next)                                                                                               \
    case i:                                                                                                            \
        if (at >= size) {                                                                                              \
            turn = i;                                                                                                  \
            break;                                                                                                     \
        }                                                                                                              \
        CROSS(at, w);                                                                                                  \
        at += OFFSET(next) - OFFSET(w);                                                                                \
        __attribute__((fallthrough))

/* Crosses out in `block` the multiples of one prime with residue r, a constant, so each mask is one too. Eight
 * multiples, one of each residue, repeat every p bytes. Returns the new turn. */
static inline __attribute__((always_inline)) uint32_t cross_out(
    const uint32_t r, const uint32_t q, uint8_t *block, const uint32_t size, uint32_t *place, uint32_t turn)
{
    const uint32_t p = 30 * q + r;
    const uint32_t span = OFFSET(29) - OFFSET(1);
    uint32_t at = *place;
    for (bool inside = true; inside;) {
        switch (turn) {
        case 0:
            for (; at + span < size; at += p) {
                uint8_t *const base = block + at;
                base[0] &= (uint8_t)~BIT(r * 1 % 30);
                base[OFFSET(7) - OFFSET(1)] &= (uint8_t)~BIT(r * 7 % 30);
                base[OFFSET(11) - OFFSET(1)] &= (uint8_t)~BIT(r * 11 % 30);
                base[OFFSET(13) - OFFSET(1)] &= (uint8_t)~BIT(r * 13 % 30);
                base[OFFSET(17) - OFFSET(1)] &= (uint8_t)~BIT(r * 17 % 30);
                base[OFFSET(19) - OFFSET(1)] &= (uint8_t)~BIT(r * 19 % 30);
                base[OFFSET(23) - OFFSET(1)] &= (uint8_t)~BIT(r * 23 % 30);
                base[span] &= (uint8_t)~BIT(r * 29 % 30);
            }
            if (at >= size) { break; }
            CROSS(at, 1);
            at += OFFSET(7) - OFFSET(1);
            __attribute__((fallthrough));
            TURN(1, 7, 11);
            TURN(2, 11, 13);
            TURN(3, 13, 17);
            TURN(4, 17, 19);
            TURN(5, 19, 23);
            TURN(6, 23, 29);
        default:
            if (at >= size) {
                turn = 7;
                break;
            }
            CROSS(at, 29);
            at += p + OFFSET(1) - OFFSET(29);
            turn = 0;
            continue;
        }
        inside = false;
    }
    *place = at - size;
    return turn;
}

static inline __attribute__((always_inline)) void cross_out_family(const uint32_t r, const struct family *family, uint8_t *block, uint32_t size)
{
    struct crossing *const end = family->list + family->active;
    for (struct crossing *each = family->list; each < end; each++) {
        if (each->at >= size) {
            each->at -= size;
            continue;
        }
        each->turn = cross_out(r, each->q, block, size, &each->at, each->turn);
    }
}

static void cross_out_all(uint8_t *block, uint32_t size)
{
    cross_out_family(1, &state.families[0], block, size);
    cross_out_family(7, &state.families[1], block, size);
    cross_out_family(11, &state.families[2], block, size);
    cross_out_family(13, &state.families[3], block, size);
    cross_out_family(17, &state.families[4], block, size);
    cross_out_family(19, &state.families[5], block, size);
    cross_out_family(23, &state.families[6], block, size);
    cross_out_family(29, &state.families[7], block, size);
}

/* The first multiple of p in byte `start` or later whose other factor is at least p and on the wheel. */
static void place(struct crossing *each, uint32_t r, uint64_t start)
{
    const uint64_t p = 30 * (uint64_t)each->q + r;
    uint64_t factor = (30 * start + p - 1) / p;
    if (factor < p) { factor = p; }
    uint32_t turn = 0;
    while (wheel[turn] < factor % 30) { turn++; }
    const uint64_t byte = p * (factor / 30) + each->q * (uint64_t)wheel[turn] + r * wheel[turn] / 30;
    each->at = (uint32_t)(byte - start);
    each->turn = turn;
}

/* Takes in the primes whose square lies before the end of the block. */
static void activate(uint64_t start, uint64_t end)
{
    for (uint32_t index = 0; index < 8; index++) {
        struct family *const family = &state.families[index];
        for (;; family->active++) {
            struct crossing *const each = &family->list[family->active];
            const uint64_t p = 30 * (uint64_t)each->q + wheel[index];
            if (each->q == UINT32_MAX || p * p >= 30 * end) { break; }
            place(each, wheel[index], start);
        }
    }
}

/* Sorts the base primes into families, each ended by a mark that is never active. */
static int prepare(uint64_t limit)
{
    const struct base_primes *const base = base_primes_up_to_root(limit);
    if (base == NULL) { return -1; }
    if (state.block == NULL || base->is_fresh) {
        free(state.storage);
        free(state.block);
        state.block_bytes = base->root < 500000 ? 192u << 10 : base->root < 4000000 ? 256u << 10 : 1u << 20;
        state.storage = malloc((base->count + 8) * sizeof *state.storage);
        state.block = aligned_alloc(64, state.block_bytes);
        if (state.storage == NULL || state.block == NULL) { return -1; }
        size_t used = 0;
        for (uint32_t index = 0; index < 8; index++) {
            state.families[index].list = state.storage + used;
            for (size_t n = 0; n < base->count; n++) {
                if (base->primes[n] % 30 == wheel[index]) { state.storage[used++] = (struct crossing){.q = base->primes[n] / 30}; }
            }
            state.storage[used++] = (struct crossing){.q = UINT32_MAX};
        }
    }
    for (uint32_t index = 0; index < 8; index++) { state.families[index].active = 0; }
    return 0;
}

/* Clears the bits of the numbers from `limit` on in the last byte. */
static void cut(uint8_t *byte, uint64_t numbers)
{
    for (uint32_t index = 0; index < 8; index++) {
        if (wheel[index] >= numbers) { *byte &= (uint8_t) ~(1u << index); }
    }
}

int sieve_count(struct sieve_progress *progress, uint64_t end, uint64_t limit, sieve_stop *stop, void *context)
{
    if (prepare(limit) != 0) { return -1; }
    const uint64_t last = limit / 30 + (limit % 30 != 0);
    if (end > last) { end = last; }
    if (progress->next == 0) { progress->count += (limit > 2) + (limit > 3) + (limit > 5); }
    while (progress->next < end) {
        const uint64_t start = progress->next;
        const uint32_t size = end - start < state.block_bytes ? (uint32_t)(end - start) : state.block_bytes;
        presieve(state.block, size, start);
        activate(start, start + size);
        cross_out_all(state.block, size);
        if (start + size == last && limit % 30 != 0) { cut(state.block + size - 1, limit % 30); }
        progress->count += popcount(state.block, size);
        progress->next += size;
        if (progress->next < end && stop(context, progress->next)) { return 1; }
    }
    return 0;
}
