/* A unit adds up its items' numbers, and says how many of them it did itself: fewer when it went on from a checkpoint. */
#include <stdio.h>
#include <talkoot.h>
#include <time.h>

typedef struct state {
    uint64_t done; /* items */
    uint64_t sum;
} state;

static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items) {
    (void)input_size;
    *items = (uint64_t)host->integer(host, "items");
    return TALKOOT_OK;
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
    const int64_t milliseconds = host->integer(host, "milliseconds");
    const struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    state now = {0, 0};
    if (unit->checkpoint.size == sizeof now) now = *(const state *)unit->checkpoint.data;
    const uint64_t before = now.done;
    while (now.done < unit->item_count) {
        if (host->should_stop(host)) {
            host->checkpoint(host, &now, sizeof now);
            return TALKOOT_STOPPED;
        }
        if (milliseconds > 0) nanosleep(&pause, NULL);
        now.sum += unit->first_item + now.done;
        now.done += 1;
    }
    char line[96];
    const int size = snprintf(
        line, sizeof line, "sum %llu, did %llu of %llu\n", (unsigned long long)now.sum, (unsigned long long)(now.done - before),
        (unsigned long long)unit->item_count);
    return host->write(host, line, (size_t)size);
}

static const talkoot_module module = {
    .abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof(talkoot_module), .plan = plan, .run = run,
};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) {
    (void)host;
    return &module;
}
