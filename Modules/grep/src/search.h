/* Finds bytes in bytes. */
#ifndef GREP_SEARCH_H
#define GREP_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* What is looked for: a byte b is there where (b | ignored) == wanted, so with 0x20 ignored letters match in both cases. */
struct literal {
    uint8_t wanted[255];
    uint8_t ignored[255];
    size_t size;
};

/* The first place of the literal, which is not empty, in the text, or NULL. */
const uint8_t *search(const uint8_t *text, const uint8_t *end, const struct literal *literal);

#endif
