/* Prices an option by random paths. An item is a run of 65,536 paths; a result is the sum of their values, the sum of the squares and
 * the number of paths, 40 bytes, little-endian. */
#include "functions.h"
#include "paths.h"

#include <stdio.h>
#include <talkoot.h>

#define PATHS_OF_ITEM 65536u
#define RESULT_BYTES 40u

static uint64_t paths_of(const talkoot_host *host) { return (uint64_t)host->integer(host, "paths"); }

/* What keeps every path's value below MOST_VALUE: a price at the end is at most e^18.7 times the first, since no normal number is above
 * 6.77. */
static int32_t plan(const talkoot_host *host, uint64_t input_size, uint64_t *items)
{
    (void)input_size;
    const double years = host->real(host, "years"), drift = host->real(host, "rate") * years;
    if (host->real(host, "volatility") * square_root(years) > 3) { return host->fail(host, "volatility times the root of years is above 3"); }
    if (drift > 3 || drift < -3) { return host->fail(host, "rate times years is beyond 3"); }
    if (host->real(host, "strike") > 1e6 * host->real(host, "spot")) { return host->fail(host, "the strike is above a million times the spot"); }
    *items = (paths_of(host) + PATHS_OF_ITEM - 1) / PATHS_OF_ITEM;
    return TALKOOT_OK;
}

/* Black and Scholes's model: the logarithm of the price walks at random, and drifts as the interest demands. */
static struct option option_of(const talkoot_host *host)
{
    const char *const kind = host->text(host, "kind");
    const double volatility = host->real(host, "volatility"), steps = (double)host->integer(host, "steps");
    const double time = host->real(host, "years") / steps;
    return (struct option){
        .kind = kind[0] == 'a' ? ASIAN : kind[0] == 'g' ? GEOMETRIC : EUROPEAN,
        .put = host->flag(host, "put"),
        .strike = host->real(host, "strike") / host->real(host, "spot"),
        .drift = (host->real(host, "rate") - 0.5 * volatility * volatility) * time,
        .spread = volatility * square_root(time),
        .steps = (uint32_t)steps,
        .seed = (uint64_t)host->integer(host, "seed"),
    };
}

static uint8_t *put(uint8_t *place, unsigned __int128 value, int bytes)
{
    for (int i = 0; i < bytes; i++) { *place++ = (uint8_t)(value >> 8 * i); }
    return place;
}

static unsigned __int128 get(const uint8_t *place, int bytes)
{
    unsigned __int128 value = 0;
    for (int i = bytes; i-- > 0;) { value = value << 8 | place[i]; }
    return value;
}

static int32_t write_sums(const talkoot_host *host, struct sums sums)
{
    uint8_t bytes[RESULT_BYTES];
    put(put(put(bytes, sums.values, 16), sums.squares, 16), sums.paths, 8);
    return host->write(host, bytes, sizeof bytes);
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    const struct option option = option_of(host);
    const uint64_t paths = paths_of(host);
    struct sums sums = {0, 0, 0};
    for (uint64_t done = 0; done < unit->item_count; done++) {
        if (host->should_stop(host)) { return TALKOOT_STOPPED; }
        const uint64_t first = (unit->first_item + done) * PATHS_OF_ITEM;
        add_paths(&sums, &option, first, paths - first < PATHS_OF_ITEM ? paths - first : PATHS_OF_ITEM);
        host->progress(host, done + 1);
    }
    return write_sums(host, sums);
}

/* The sum of the results; false when one has another size. */
static bool add_up(const talkoot_bytes *results, size_t count, struct sums *sums)
{
    *sums = (struct sums){0, 0, 0};
    for (size_t n = 0; n < count; n++) {
        if (results[n].size != RESULT_BYTES) { return false; }
        const uint8_t *const bytes = results[n].data;
        sums->values += get(bytes, 16);
        sums->squares += get(bytes + 16, 16);
        sums->paths += (uint64_t)get(bytes + 32, 8);
    }
    return true;
}

static int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count)
{
    struct sums sums;
    if (!add_up(results, count, &sums)) { return host->fail(host, "a result is not 40 bytes long"); }
    return write_sums(host, sums);
}

static int32_t finish(const talkoot_host *host, talkoot_bytes merged)
{
    struct sums sums;
    if (!add_up(&merged, 1, &sums) || sums.paths < 2) { return host->fail(host, "the result is not one of two paths or more"); }
    const double count = (double)sums.paths;
    const double scale = host->real(host, "spot") * exponential(-host->real(host, "rate") * host->real(host, "years"));
    const double mean = (double)sums.values / count / VALUE_UNIT;
    const double variance = (double)sums.squares / count / VALUE_UNIT / VALUE_UNIT - mean * mean;
    const double error = square_root((variance > 0 ? variance : 0) / (count - 1));
    char text[160];
    const unsigned long long paths = sums.paths;
    const int length = snprintf(text, sizeof text, "price %.8g\nerror %.2g\npaths %llu\n", mean * scale, error * scale, paths);
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
