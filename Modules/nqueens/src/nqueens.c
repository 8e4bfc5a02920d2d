/* Counts the solutions of the problem of N queens. An item is a start: queens in the first rows. A result is the count as 8 bytes,
 * little-endian. */
#include "board.h"

#include <stdbool.h>
#include <stdio.h>
#include <talkoot.h>

static uint32_t side(const talkoot_host *host) { return (uint32_t)host->integer(host, "n"); }

static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items)
{
    (void)input_size;
    *items = starts_of(side(host));
    return TALKOOT_OK;
}

static int32_t write_count(const talkoot_host *host, uint64_t count)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) { bytes[i] = (uint8_t)(count >> 8 * i); }
    return host->write(host, bytes, sizeof bytes);
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    const uint32_t n = side(host);
    uint64_t count = 0;
    for (uint64_t done = 0; done < unit->item_count; done++) {
        if (host->should_stop(host)) { return TALKOOT_STOPPED; }
        count += count_from(n, unit->first_item + done);
        host->progress(host, done + 1);
    }
    return write_count(host, count);
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
    uint64_t total;
    if (!sum(results, count, &total)) { return host->fail(host, "a result is not 8 bytes long"); }
    return write_count(host, total);
}

static int32_t finish(const talkoot_host *host, talkoot_bytes merged)
{
    uint64_t total;
    if (!sum(&merged, 1, &total)) { return host->fail(host, "the result is not 8 bytes long"); }
    char text[24];
    const int length = snprintf(text, sizeof text, "%llu\n", (unsigned long long)total);
    return host->write(host, text, (size_t)length);
}

static const talkoot_module module = {
    .abi_version = TALKOOT_ABI_VERSION,
    .struct_size = sizeof(talkoot_module),
    .plan = plan,
    .run = run,
    .merge = merge,
    .finish = finish,
};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host)
{
    (void)host;
    return &module;
}
