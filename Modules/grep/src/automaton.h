/* Runs a pattern over text with one look-up for each byte: its states are sets of steps, found when they are first needed. */
#ifndef GREP_AUTOMATON_H
#define GREP_AUTOMATON_H

#include "pattern.h"

/* Makes ready for a pattern, which must stay where it is; false without memory. */
bool automaton_prepare(const struct pattern *pattern);

/* Where in `text`, which begins where a line does, the first match is known: a place in its line, on its newline, or `end`; NULL when no
 * line matches. What is behind `end` counts as the end of a line. */
const uint8_t *automaton_find(const uint8_t *text, const uint8_t *end);

#endif
