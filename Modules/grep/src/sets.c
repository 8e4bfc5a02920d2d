#include "sets.h"

#include <string.h>

/* The classes' bytes, as in the C locale: ranges, two bytes each. */
static const struct {
    const char *name;
    const char *ranges;
} classes[] = {
    {"alpha", "AZaz"}, {"digit", "09"},     {"alnum", "09AZaz"}, {"upper", "AZ"},         {"lower", "az"},       {"space", "\t\r  "},
    {"blank", "\t\t  "}, {"xdigit", "09AFaf"}, {"punct", "!/:@[`{~"}, {"print", " ~"}, {"graph", "!~"}, {"cntrl", "\1\037\177\177"},
};

static void add_ranges(struct set *set, const char *ranges)
{
    for (; *ranges != '\0'; ranges += 2) {
        for (int byte = (uint8_t)ranges[0]; byte <= (uint8_t)ranges[1]; byte++) { set_add(set, (uint8_t)byte); }
    }
}

void set_invert(struct set *set)
{
    for (int i = 0; i < 4; i++) { set->words[i] = ~set->words[i]; }
    set->words[0] &= ~((uint64_t)1 << '\n');
}

void set_fold(struct set *set)
{
    for (uint8_t letter = 'a'; letter <= 'z'; letter++) {
        const uint8_t capital = (uint8_t)(letter - 'a' + 'A');
        if (set_has(set, letter)) { set_add(set, capital); }
        if (set_has(set, capital)) { set_add(set, letter); }
    }
}

bool set_of_escape(struct set *set, char letter)
{
    switch (letter) {
    case 'w':
    case 'W': add_ranges(set, "09AZ__az"); break;
    case 's':
    case 'S': add_ranges(set, "\t\r  "); break;
    default: return false;
    }
    if (letter == 'W' || letter == 'S') { set_invert(set); }
    return true;
}

/* Reads `[:name:]`, of which the first two bytes are behind; the place after it, or NULL. */
static const char *read_class(struct set *set, const char *at)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        const size_t size = strlen(classes[i].name);
        if (strncmp(at, classes[i].name, size) == 0 && at[size] == ':' && at[size + 1] == ']') {
            add_ranges(set, classes[i].ranges);
            return at + size + 2;
        }
    }
    return NULL;
}

const char *read_brackets(struct set *set, const char *at, bool ignore_case, const char **fault)
{
    const bool isInverted = *at == '^';
    at += isInverted;
    for (const char *const first = at; *at != ']' || at == first;) {
        if (*at == '\0') { return *fault = "a [ has no ]", NULL; }
        if (at[0] == '[' && at[1] == ':') {
            at = read_class(set, at + 2);
            if (at == NULL) { return *fault = "there is no such class of bytes", NULL; }
            continue;
        }
        if (at[0] == '[' && (at[1] == '.' || at[1] == '=')) { return *fault = "[. and [= are not supported", NULL; }
        const uint8_t low = (uint8_t)*at++;
        uint8_t high = low;
        if (at[0] == '-' && at[1] != ']' && at[1] != '\0') {
            high = (uint8_t)at[1];
            at += 2;
        }
        if (high < low) { return *fault = "a range ends before it begins", NULL; }
        for (int byte = low; byte <= high; byte++) { set_add(set, (uint8_t)byte); }
    }
    if (ignore_case) { set_fold(set); }
    if (isInverted) { set_invert(set); }
    return at + 1;
}
