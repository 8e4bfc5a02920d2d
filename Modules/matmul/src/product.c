#include "product.h"

#include "entries.h"

#include <stdlib.h>
#include <string.h>

/* A tile of the product is kept in registers while it is summed: six rows of two vectors take twelve of the sixteen there are. */
#ifdef __AVX2__
#define LANES 4u
#else
#define LANES 2u
#endif
#define TILE_ROWS 6u
#define TILE_COLUMNS (2 * LANES)

/* Rows of the right matrix that are taken together: a panel of that many, a tile wide, stays in the first-level cache. */
#define DEPTH 256u

/* Read and written at any place where a number may be. */
typedef double vector __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

/* The right matrix in panels as wide as a tile, each row by row; columns beyond the last are zeros. */
static struct {
    uint32_t size;
    uint32_t panels;
    uint64_t seed;
    double *panel;
} right;

/* A band of the left matrix, in strips as high as a tile, each column by column, and the band of the product with whole tiles. */
static double *left;
static double *sums;

static double *numbers(size_t count)
{
    double *const made = aligned_alloc(64, (count * sizeof(double) + 63) / 64 * 64);
    if (made != NULL) { memset(made, 0, count * sizeof(double)); }
    return made;
}

bool product_prepare(uint32_t size, uint64_t seed)
{
    if (right.panel != NULL) { return true; }
    right.size = size;
    right.seed = seed;
    right.panels = (size + TILE_COLUMNS - 1) / TILE_COLUMNS;
    left = numbers((size_t)BAND * size);
    sums = numbers((size_t)BAND * right.panels * TILE_COLUMNS);
    right.panel = numbers((size_t)size * right.panels * TILE_COLUMNS);
    if (left == NULL || sums == NULL || right.panel == NULL) { return false; }
    for (uint32_t column = 0; column < size; column++) {
        double *const panel = right.panel + (size_t)column / TILE_COLUMNS * size * TILE_COLUMNS + column % TILE_COLUMNS;
        for (uint32_t row = 0; row < size; row++) { panel[(size_t)row * TILE_COLUMNS] = entry(seed, RIGHT, row, column); }
    }
    return true;
}

static void fill_left(uint32_t first, uint32_t rows)
{
    for (uint32_t row = 0; row < BAND; row++) {
        double *const strip = left + (size_t)row / TILE_ROWS * TILE_ROWS * right.size + row % TILE_ROWS;
        for (uint32_t column = 0; column < right.size; column++) {
            strip[(size_t)column * TILE_ROWS] = row < rows ? entry(right.seed, LEFT, first + row, column) : 0;
        }
    }
}

static inline vector *at(double *place) { return (vector *)place; }
static inline vector load(const double *place) { return *(const vector *)place; }

/* Adds the products of `depth` columns of a strip with as many rows of a panel to a tile. The sums have names, since elements of an
 * array would be kept in memory. */
static void add_tile(double *restrict tile, size_t stride, const double *restrict strip, const double *restrict panel, uint32_t depth)
{
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define LOAD(row) vector a##row = load(tile + row * stride), b##row = load(tile + row * stride + LANES);
#define ADD(row) a##row += strip[row] * first, b##row += strip[row] * second;
#define STORE(row) *at(tile + row * stride) = a##row, *at(tile + row * stride + LANES) = b##row;
    EACH_ROW(LOAD)
    for (uint32_t k = 0; k < depth; k++, strip += TILE_ROWS, panel += TILE_COLUMNS) {
        const vector first = load(panel), second = load(panel + LANES);
        EACH_ROW(ADD)
    }
    EACH_ROW(STORE)
}

void product_band(double *out, uint32_t first, uint32_t rows)
{
    const size_t size = right.size, stride = (size_t)right.panels * TILE_COLUMNS;
    fill_left(first, rows);
    memset(sums, 0, BAND * stride * sizeof *sums);
    for (uint32_t start = 0; start < size; start += DEPTH) {
        const uint32_t depth = size - start < DEPTH ? (uint32_t)size - start : DEPTH;
        for (uint32_t n = 0; n < right.panels; n++) {
            const double *const panel = right.panel + (n * size + start) * TILE_COLUMNS;
            for (uint32_t row = 0; row < rows; row += TILE_ROWS) {
                add_tile(sums + row * stride + n * TILE_COLUMNS, stride, left + row * size + start * TILE_ROWS, panel, depth);
            }
        }
    }
    for (uint32_t row = 0; row < rows; row++) { memcpy(out + row * size, sums + row * stride, size * sizeof *out); }
}
