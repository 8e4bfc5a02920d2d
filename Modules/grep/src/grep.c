/* Counts or prints the lines that a regular expression matches. An item is a line. A result is the number of lines as 8 bytes,
 * little-endian, or the lines themselves. */
#include "automaton.h"
#include "pattern.h"
#include "search.h"

#include <stdio.h>
#include <string.h>
#include <talkoot.h>

static struct pattern pattern;

/* The line with the next match: `end` is behind its newline, or the end of the text. */
struct line {
    const uint8_t *start;
    const uint8_t *end;
};

static const uint8_t *line_start(const uint8_t *text, const uint8_t *place)
{
    const uint8_t *const newline = memrchr(text, '\n', (size_t)(place - text));
    return newline == NULL ? text : newline + 1;
}

static const uint8_t *line_end(const uint8_t *place, const uint8_t *end)
{
    const uint8_t *const newline = place == end ? NULL : memchr(place, '\n', (size_t)(end - place));
    return newline == NULL ? end : newline + 1;
}

/* Finds the next line that matches; `text` is where a line begins. Where every match has the same bytes in it, only lines with them are
 * looked at. */
static bool next_match(const uint8_t *text, const uint8_t *end, struct line *line)
{
    while (text < end) {
        const uint8_t *place;
        if (pattern.literal.size == 0) {
            place = automaton_find(text, end);
        } else {
            place = search(text, end, &pattern.literal);
        }
        if (place == NULL) { return false; }
        *line = (struct line){line_start(text, place), line_end(place, end)};
        if (pattern.literal.size == 0 || pattern.is_literal || automaton_find(line->start, line->end) != NULL) { return true; }
        text = line->end;
    }
    return false;
}

static int32_t prepare(const talkoot_host *host)
{
    static bool is_ready;
    if (is_ready) { return TALKOOT_OK; }
    const char *const fault = pattern_compile(&pattern, host->text(host, "pattern"), host->flag(host, "ignore-case"));
    if (fault != NULL) { return host->fail(host, fault); }
    if (!automaton_prepare(&pattern)) { return host->fail(host, "no memory for the automaton; give the module more than its 64 MiB"); }
    is_ready = true;
    return TALKOOT_OK;
}

static int32_t write_count(const talkoot_host *host, uint64_t count)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) { bytes[i] = (uint8_t)(count >> 8 * i); }
    return host->write(host, bytes, sizeof bytes);
}

/* Prints whole lines; the last of a file gets a newline when it has none. */
static int32_t print(const talkoot_host *host, const uint8_t *start, const uint8_t *end)
{
    if (start == end) { return TALKOOT_OK; }
    const int32_t status = host->write(host, start, (size_t)(end - start));
    return status == TALKOOT_OK && end[-1] != '\n' ? host->write(host, "\n", 1) : status;
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    int32_t status = prepare(host);
    if (status != TALKOOT_OK) { return status; }
    const bool is_inverted = host->flag(host, "invert"), prints = host->flag(host, "print");
    const uint8_t *at = unit->input.data, *const end = at + unit->input.size;
    uint64_t count = 0;
    struct line line;
    while (next_match(at, end, &line)) {
        count++;
        if (prints) { status = is_inverted ? print(host, at, line.start) : print(host, line.start, line.end); }
        if (status != TALKOOT_OK) { return status; }
        if (count % 4096 == 0 && host->should_stop(host)) { return TALKOOT_STOPPED; }
        at = line.end;
    }
    if (prints) { return is_inverted ? print(host, at, end) : TALKOOT_OK; }
    return write_count(host, is_inverted ? unit->item_count - count : count);
}

/* The sum of the counts; false when one has another size. */
static bool sum(const talkoot_bytes *results, size_t count, uint64_t *total)
{
    *total = 0;
    for (size_t n = 0; n < count; n++) {
        if (results[n].size != 8) { return false; }
        const uint8_t *const bytes = results[n].data;
        for (int i = 0; i < 8; i++) { *total += (uint64_t)bytes[i] << 8 * i; }
    }
    return true;
}

static int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count)
{
    if (host->flag(host, "print")) {
        int32_t status = TALKOOT_OK;
        for (size_t n = 0; n < count && status == TALKOOT_OK; n++) { status = host->write(host, results[n].data, results[n].size); }
        return status;
    }
    uint64_t total;
    if (!sum(results, count, &total)) { return host->fail(host, "a result is not 8 bytes long"); }
    return write_count(host, total);
}

static int32_t finish(const talkoot_host *host, talkoot_bytes merged)
{
    if (host->flag(host, "print")) { return host->write(host, merged.data, merged.size); }
    uint64_t total = 0;
    if (merged.size != 0 && !sum(&merged, 1, &total)) { return host->fail(host, "the result is not 8 bytes long"); }
    char text[24];
    const int length = snprintf(text, sizeof text, "%llu\n", (unsigned long long)total);
    return host->write(host, text, (size_t)length);
}

static const talkoot_module module = {
    .abi_version = TALKOOT_ABI_VERSION,
    .struct_size = sizeof(talkoot_module),
    .run = run,
    .merge = merge,
    .finish = finish,
};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host)
{
    (void)host;
    return &module;
}
