/* The sets of bytes of a regular expression: brackets, classes and escapes. */
#ifndef GREP_SETS_H
#define GREP_SETS_H

#include "pattern.h"

/* Reads what follows `[`, up to and with the `]`; the place behind it, or NULL with a fault. */
const char *read_brackets(struct set *set, const char *at, bool ignore_case, const char **fault);

/* The set that `\letter` stands for; false when it stands for none. */
bool set_of_escape(struct set *set, char letter);

/* All but the set's bytes and the end of a line. */
void set_invert(struct set *set);

/* Adds the other case of each letter. */
void set_fold(struct set *set);

#endif
