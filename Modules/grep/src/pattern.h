/* Extended regular expressions, compiled to steps for an automaton without memory of its way (Thompson's). */
#ifndef GREP_PATTERN_H
#define GREP_PATTERN_H

#include "search.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_STEPS 4096u
#define MOST_SETS 1024u

/* Bytes. */
struct set {
    uint64_t words[4];
};

enum step_kind {
    TAKE,     /* a byte of the set, then `next` */
    EITHER,   /* `next` or `other` */
    AT_BEGIN, /* only where a line begins */
    AT_END,   /* only where a line ends */
    MATCH,
};

struct step {
    enum step_kind kind;
    uint16_t next;
    uint16_t other;
    uint16_t set;
};

struct pattern {
    struct step steps[MOST_STEPS];
    uint16_t step_count;
    struct set sets[MOST_SETS];
    uint16_t set_count;
    uint16_t start;
    /* Bytes that every match contains, perhaps none; whether they are all there is to it. */
    struct literal literal;
    bool is_literal;
};

/* What is wrong with the text, or NULL. */
const char *pattern_compile(struct pattern *pattern, const char *text, bool ignore_case);

static inline bool set_has(const struct set *set, uint8_t byte) { return set->words[byte >> 6] >> (byte & 63) & 1; }
static inline void set_add(struct set *set, uint8_t byte) { set->words[byte >> 6] |= (uint64_t)1 << (byte & 63); }

#endif
