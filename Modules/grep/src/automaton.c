#include "automaton.h"

#include <stdlib.h>
#include <string.h>

/* States that are kept; beyond them all are found anew. */
#define MOST_STATES 2048u
/* Places in the hash table. */
#define PLACES 8192u
/* Numbers of steps in all states. */
#define MOST_MEMBERS (MOST_STATES * 64u + MOST_STEPS)

/* Not found yet; a match. Real states come after them. */
enum { UNKNOWN, FOUND, FIRST_STATE };

/* A state's row in the table: where the line after each byte goes on. Rows are named by where they begin, in entries, so that a look-up
 * is a load and nothing else. */
#define ROW 256u
#define ROW_OF(state) ((uint32_t)(state) * ROW)
#define STATE_OF(row) ((row) / ROW)

/* The steps that may come next, ascending. */
struct state {
    uint32_t first;
    uint16_t count;
    bool is_match;        /* a match was completed */
    bool is_match_at_end; /* it would be, if the line ended here */
};

static struct {
    const struct pattern *pattern;
    uint32_t *next;
    struct state states[MOST_STATES];
    uint16_t places[PLACES];
    uint16_t members[MOST_MEMBERS];
    uint32_t state_count, member_count;
    uint16_t line_start;
    /* The set that is being made. */
    uint64_t set[MOST_STEPS / 64];
    bool is_match, is_match_at_end;
} own;

/* Adds a step and all that it leads to without a byte; those that ask for a line's begin or end are passed where that is given. */
static void reach(uint64_t *set, uint16_t first, bool at_begin, bool at_end, bool *is_match)
{
    static uint16_t stack[2 * MOST_STEPS];
    size_t depth = 0;
    stack[depth++] = first;
    while (depth > 0) {
        const uint16_t index = stack[--depth];
        if (set[index / 64] >> (index % 64) & 1) { continue; }
        set[index / 64] |= (uint64_t)1 << (index % 64);
        const struct step *const step = &own.pattern->steps[index];
        if (step->kind == MATCH) { *is_match = true; }
        if (step->kind == EITHER) {
            stack[depth++] = step->other;
            stack[depth++] = step->next;
        }
        if ((step->kind == AT_BEGIN && at_begin) || (step->kind == AT_END && at_end)) { stack[depth++] = step->next; }
    }
}

/* Whether the steps reached lead to a match when the line ends. */
static void look_at_end(bool at_begin)
{
    static uint64_t beyond[MOST_STEPS / 64];
    memset(beyond, 0, sizeof beyond);
    own.is_match_at_end = own.is_match;
    for (uint16_t index = 0; index < own.pattern->step_count; index++) {
        if (own.set[index / 64] >> (index % 64) & 1 && own.pattern->steps[index].kind == AT_END) {
            reach(beyond, index, at_begin, true, &own.is_match_at_end);
        }
    }
}

static void forget_all(void)
{
    memset(own.places, 0, sizeof own.places);
    own.state_count = FIRST_STATE;
    own.member_count = 0;
}

static uint32_t hash(const uint16_t *members, uint16_t count, bool is_match_at_end)
{
    uint64_t value = 0xCBF29CE484222325u + is_match_at_end;
    for (uint16_t i = 0; i < count; i++) { value = (value ^ members[i]) * 0x100000001B3u; }
    return (uint32_t)(value >> 20) % PLACES;
}

/* The number of the state that the set makes; 0 when there is no room for another one. */
static uint16_t state_of_set(void)
{
    if (own.is_match) { return FOUND; }
    if (own.member_count + own.pattern->step_count > MOST_MEMBERS || own.state_count == MOST_STATES) { return 0; }
    uint16_t *const members = own.members + own.member_count;
    uint16_t count = 0;
    for (uint16_t index = 0; index < own.pattern->step_count; index++) {
        if (own.set[index / 64] >> (index % 64) & 1 && own.pattern->steps[index].kind == TAKE) { members[count++] = index; }
    }
    for (uint32_t place = hash(members, count, own.is_match_at_end);; place = (place + 1) % PLACES) {
        const uint16_t known = own.places[place];
        if (known == 0) {
            const uint16_t number = (uint16_t)own.state_count++;
            own.places[place] = number;
            own.states[number] = (struct state){own.member_count, count, own.is_match, own.is_match_at_end};
            own.member_count += count;
            memset(own.next + ROW_OF(number), 0, ROW * sizeof *own.next);
            return number;
        }
        const struct state *const state = &own.states[known];
        if (state->count == count && state->is_match_at_end == own.is_match_at_end
            && memcmp(own.members + state->first, members, count * sizeof *members) == 0) {
            return known;
        }
    }
}

static void begin_set(void)
{
    memset(own.set, 0, sizeof own.set);
    own.is_match = false;
}

static uint16_t make_line_start(void)
{
    begin_set();
    reach(own.set, own.pattern->start, true, false, &own.is_match);
    look_at_end(true);
    return state_of_set();
}

/* Finds what a byte leads to. When there is no room, all states are forgotten but the one that is led to. */
static uint16_t find_next(uint16_t from, uint8_t byte)
{
    uint32_t *const entry = own.next + ROW_OF(from) + byte;
    if (byte == '\n') {
        const uint16_t next = own.states[from].is_match_at_end ? FOUND : own.line_start;
        return *entry = ROW_OF(next), next;
    }
    begin_set();
    const struct state *const state = &own.states[from];
    for (uint16_t i = 0; i < state->count; i++) {
        const struct step *const step = &own.pattern->steps[own.members[state->first + i]];
        if (set_has(&own.pattern->sets[step->set], byte)) { reach(own.set, step->next, false, false, &own.is_match); }
    }
    reach(own.set, own.pattern->start, false, false, &own.is_match);
    look_at_end(false);
    const uint16_t found = state_of_set();
    if (found != 0) { return *entry = ROW_OF(found), found; }
    uint64_t kept[MOST_STEPS / 64];
    const bool is_match_at_end = own.is_match_at_end;
    memcpy(kept, own.set, sizeof kept);
    forget_all();
    own.line_start = make_line_start();
    memcpy(own.set, kept, sizeof kept);
    own.is_match = false;
    own.is_match_at_end = is_match_at_end;
    return state_of_set();
}

bool automaton_prepare(const struct pattern *pattern)
{
    if (own.next == NULL) { own.next = malloc(MOST_STATES * ROW * sizeof *own.next); }
    if (own.next == NULL) { return false; }
    own.pattern = pattern;
    forget_all();
    own.line_start = make_line_start();
    return true;
}

const uint8_t *automaton_find(const uint8_t *text, const uint8_t *end)
{
    /* A pattern that matches nothing at all matches at the start of every line. */
    if (own.line_start == FOUND) { return text < end ? text : NULL; }
    const uint32_t *const next = own.next;
    uint32_t row = ROW_OF(own.line_start);
    for (const uint8_t *at = text; at < end;) {
        /* Four bytes a turn while all is known and nothing found; what is not is looked at below. */
        uint32_t a, b, c, d;
        while (end - at >= 4) {
            if ((a = next[row + at[0]]) < ROW_OF(FIRST_STATE)) { break; }
            if ((b = next[a + at[1]]) < ROW_OF(FIRST_STATE)) { row = a, at += 1; break; }
            if ((c = next[b + at[2]]) < ROW_OF(FIRST_STATE)) { row = b, at += 2; break; }
            if ((d = next[c + at[3]]) < ROW_OF(FIRST_STATE)) { row = c, at += 3; break; }
            row = d;
            at += 4;
        }
        if (at == end) { break; }
        uint32_t found = next[row + *at];
        if (found == ROW_OF(UNKNOWN)) { found = ROW_OF(find_next((uint16_t)STATE_OF(row), *at)); }
        if (found == ROW_OF(FOUND)) { return at; }
        row = found;
        at++;
    }
    return own.states[STATE_OF(row)].is_match_at_end && (text == end || end[-1] != '\n') ? end : NULL;
}
