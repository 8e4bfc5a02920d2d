/* Each item computes the kernel once; the output is the sum of what came out. */
#include "kernels.h"

#include <stdio.h>
#include <string.h>
#include <talkoot.h>

static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items)
{
    (void)input_size;
    *items = (uint64_t)host->integer(host, "rounds");
    return TALKOOT_OK;
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < unit->item_count; i++) { sum += kernel(host->integer(host, "kernel")); }
    return host->write(host, &sum, sizeof sum);
}

static int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t one;
        if (results[i].size != sizeof one) { return host->fail(host, "a result is not 8 bytes long"); }
        memcpy(&one, results[i].data, sizeof one);
        sum += one;
    }
    return host->write(host, &sum, sizeof sum);
}

static int32_t finish(const talkoot_host *host, talkoot_bytes merged)
{
    uint64_t sum;
    char text[24];
    if (merged.size != sizeof sum) { return host->fail(host, "the result is not 8 bytes long"); }
    memcpy(&sum, merged.data, sizeof sum);
    return host->write(host, text, (size_t)snprintf(text, sizeof text, "%llx\n", (unsigned long long)sum));
}

static const talkoot_module module = {
    .abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof(talkoot_module), .plan = plan, .run = run, .merge = merge, .finish = finish,
};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return (void)host, &module; }
