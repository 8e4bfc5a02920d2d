/* Multiplies two matrices. An item is a band of 48 rows of the product, a result the rows' numbers; results are put one after another. */
#include "product.h"

#include <talkoot.h>

static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items)
{
    (void)input_size;
    *items = ((uint64_t)host->integer(host, "size") + BAND - 1) / BAND;
    return TALKOOT_OK;
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    const uint32_t size = (uint32_t)host->integer(host, "size");
    if (!product_prepare(size, (uint64_t)host->integer(host, "seed"))) {
        return host->fail(host, "no memory for the matrices; give the module more than its 256 MiB");
    }
    for (uint64_t done = 0; done < unit->item_count; done++) {
        const uint32_t first = (uint32_t)(unit->first_item + done) * BAND, rows = size - first < BAND ? size - first : BAND;
        double *const out = host->reserve(host, (size_t)rows * size * sizeof(double));
        if (out == NULL) { return TALKOOT_FAILED; }
        product_band(out, first, rows);
        host->progress(host, done + 1);
        if (done + 1 < unit->item_count && host->should_stop(host)) { return TALKOOT_STOPPED; }
    }
    return TALKOOT_OK;
}

static const talkoot_module module = {
    .abi_version = TALKOOT_ABI_VERSION,
    .struct_size = sizeof(talkoot_module),
    .plan = plan,
    .run = run,
};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host)
{
    (void)host;
    return &module;
}
