/* Finds the exponents p for which 2^p - 1 is a prime. An item is an exponent, a result the lines for those of its exponents that are
 * worth one. */
#include "mersenne.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talkoot.h>

/* Between two questions whether to stop: some milliseconds of work. */
#define STEPS_AT_ONCE 256u

/* What a checkpoint begins with; the lines so far and the limbs of s follow. */
struct mark {
    uint64_t items_done;
    uint64_t steps;
    uint64_t text_bytes;
};

/* A unit under way. Its lines are kept here until it is done, since a checkpoint needs them. */
struct work {
    const talkoot_host *host;
    bool details;
    uint64_t items_done;
    char text[1 << 16];
    size_t text_bytes;
    bool has_written; /* lines are out already, which a checkpoint could not repeat */
};

static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items)
{
    (void)input_size;
    const int64_t first = host->integer(host, "first"), last = host->integer(host, "last");
    if (last < first) { return host->fail(host, "the last exponent is below the first one"); }
    *items = (uint64_t)(last - first + 1);
    return TALKOOT_OK;
}

/* A full buffer goes out; from then on there are no checkpoints any more. */
static void add_line(struct work *work, const char *line)
{
    const size_t size = strlen(line);
    if (work->text_bytes + size > sizeof work->text) {
        work->host->write(work->host, work->text, work->text_bytes);
        work->text_bytes = 0;
        work->has_written = true;
    }
    memcpy(work->text + work->text_bytes, line, size);
    work->text_bytes += size;
}

static void add_prime(struct work *work, uint32_t p)
{
    char line[48];
    snprintf(line, sizeof line, work->details ? "%" PRIu32 " prime\n" : "%" PRIu32 "\n", p);
    add_line(work, line);
}

static void add_detail(struct work *work, const char *format, uint32_t p, uint64_t value)
{
    char line[64];
    if (!work->details) { return; }
    snprintf(line, sizeof line, format, p, value);
    add_line(work, line);
}

static void leave_mark(const struct work *work, const struct lucas_lehmer *test)
{
    if (work->has_written) { return; }
    const struct mark mark = {work->items_done, test->steps, work->text_bytes};
    const size_t limb_bytes = test->limbs * sizeof(limb);
    uint8_t *const bytes = malloc(sizeof mark + work->text_bytes + limb_bytes);
    if (bytes == NULL) { return; }
    memcpy(bytes, &mark, sizeof mark);
    memcpy(bytes + sizeof mark, work->text, work->text_bytes);
    memcpy(bytes + sizeof mark + work->text_bytes, test->s, limb_bytes);
    work->host->checkpoint(work->host, bytes, sizeof mark + work->text_bytes + limb_bytes);
    free(bytes);
}

/* Takes up the lines and the item of a checkpoint; the bytes of s that are left, or none. */
static talkoot_bytes resume(struct work *work, talkoot_bytes checkpoint, uint64_t *steps)
{
    struct mark mark;
    if (checkpoint.size < sizeof mark) { return (talkoot_bytes){0}; }
    memcpy(&mark, checkpoint.data, sizeof mark);
    if (mark.text_bytes > sizeof work->text || mark.text_bytes > checkpoint.size - sizeof mark) { return (talkoot_bytes){0}; }
    const uint8_t *const text = (const uint8_t *)checkpoint.data + sizeof mark;
    memcpy(work->text, text, mark.text_bytes);
    work->text_bytes = mark.text_bytes;
    work->items_done = mark.items_done;
    *steps = mark.steps;
    return (talkoot_bytes){text + mark.text_bytes, checkpoint.size - sizeof mark - mark.text_bytes};
}

/* Tests one odd prime exponent; `s` is where an earlier try stopped after `steps`, or empty. */
static int32_t test_exponent(struct work *work, uint32_t p, talkoot_bytes s, uint64_t steps)
{
    struct lucas_lehmer test;
    if (!lucas_lehmer_begin(&test, p)) { return work->host->fail(work->host, "no memory for the numbers; give the module more"); }
    if (s.size == test.limbs * sizeof(limb) && steps <= p - 2) {
        memcpy(test.s, s.data, s.size);
        test.steps = (uint32_t)steps;
    }
    while (test.steps < p - 2) {
        lucas_lehmer_step(&test);
        if (test.steps % STEPS_AT_ONCE == 0 && work->host->should_stop(work->host)) {
            leave_mark(work, &test);
            lucas_lehmer_end(&test);
            return TALKOOT_STOPPED;
        }
    }
    if (lucas_lehmer_is_prime(&test)) {
        add_prime(work, p);
    } else {
        add_detail(work, "%" PRIu32 " residue %016" PRIx64 "\n", p, p < 64 ? test.s[0] & ((1ull << p) - 1) : test.s[0]);
    }
    lucas_lehmer_end(&test);
    return TALKOOT_OK;
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    static struct work work;
    work = (struct work){.host = host, .details = host->flag(host, "details")};
    const uint64_t first = (uint64_t)host->integer(host, "first") + unit->first_item;
    uint64_t steps = 0;
    talkoot_bytes s = resume(&work, unit->checkpoint, &steps);
    for (; work.items_done < unit->item_count; work.items_done++, s = (talkoot_bytes){0}) {
        const uint32_t p = (uint32_t)(first + work.items_done);
        host->progress(host, work.items_done);
        if (!is_prime(p)) { continue; }
        const uint64_t factor = p == 2 || s.size > 0 ? 0 : small_factor(p);
        if (factor != 0) {
            add_detail(&work, "%" PRIu32 " factor %" PRIu64 "\n", p, factor);
        } else if (p == 2) {
            add_prime(&work, p);
        } else {
            const int32_t status = test_exponent(&work, p, s, steps);
            if (status != TALKOOT_OK) { return status; }
        }
    }
    return host->write(host, work.text, work.text_bytes);
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
