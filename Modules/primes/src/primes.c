/* Counts the primes below `limit`. An item is a span of 1,966,080 numbers, a result the count as 8 bytes, little-endian. */
#include "sieve.h"

#include <stdio.h>
#include <string.h>
#include <talkoot.h>

/* Bytes of the sieve in an item: the same for every limit, some 0.3 ms of work. */
#define ITEM_BYTES 65536u
#define ITEM_NUMBERS (30u * ITEM_BYTES)

static uint64_t limit_of(const talkoot_host *host) { return (uint64_t)host->integer(host, "limit"); }

static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items)
{
    (void)input_size;
    *items = (limit_of(host) + ITEM_NUMBERS - 1) / ITEM_NUMBERS;
    return TALKOOT_OK;
}

struct call {
    const talkoot_host *host;
    uint64_t first_byte;
};

static bool between_blocks(void *context, uint64_t next)
{
    const struct call *const call = context;
    call->host->progress(call->host, (next - call->first_byte) / ITEM_BYTES);
    return call->host->should_stop(call->host);
}

static int32_t write_count(const talkoot_host *host, uint64_t count)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) { bytes[i] = (uint8_t)(count >> 8 * i); }
    return host->write(host, bytes, sizeof bytes);
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    struct call call = {.host = host, .first_byte = unit->first_item * ITEM_BYTES};
    struct sieve_progress progress = {.next = call.first_byte};
    if (unit->checkpoint.size == sizeof progress) { memcpy(&progress, unit->checkpoint.data, sizeof progress); }
    const uint64_t end = (unit->first_item + unit->item_count) * ITEM_BYTES;
    switch (sieve_count(&progress, end, limit_of(host), between_blocks, &call)) {
    case 0: return write_count(host, progress.count);
    case 1: host->checkpoint(host, &progress, sizeof progress); return TALKOOT_STOPPED;
    default: return host->fail(host, "no memory for the sieve; give the module more than its 64 MiB");
    }
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
