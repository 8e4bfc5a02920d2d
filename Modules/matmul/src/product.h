/* Products of bands of rows with a whole matrix. */
#ifndef MATMUL_PRODUCT_H
#define MATMUL_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

/* Rows of a band. */
#define BAND 48u

/* Makes the right matrix ready; false without memory. */
bool product_prepare(uint32_t size, uint64_t seed);

/* Sets `rows` <= BAND rows of the product, from row `first` on, each of `size` numbers. Every number is the sum of its products from the
 * first to the last, one after the other. */
void product_band(double *out, uint32_t first, uint32_t rows);

#endif
