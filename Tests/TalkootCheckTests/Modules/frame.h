/* The part that all modules of these tests share: an item is a number below `items`, a unit's result is what `value` gives for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talkoot.h>

static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items) {
    (void)input_size;
    *items = (uint64_t)host->integer(host, "items");
    return TALKOOT_OK;
}

#define MODULE(run, merge, finish) \
    static const talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, merge, finish, NULL}; \
    TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return (void)host, &module; }

/* A module that writes one number for each item. */
#define VALUES(value) \
    static int32_t run(const talkoot_host *host, const talkoot_unit *unit) { \
        for (uint64_t n = unit->first_item; n < unit->first_item + unit->item_count; n++) { \
            const uint64_t result = value(unit, n); \
            if (host->write(host, &result, sizeof result) != TALKOOT_OK) return TALKOOT_FAILED; \
        } \
        return TALKOOT_OK; \
    } \
    MODULE(run, NULL, NULL)
