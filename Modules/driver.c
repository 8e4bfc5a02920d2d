/* A plain host: loads a module into this very process and runs a whole job, for its author's debugger, for tests and for measuring.
 *
 *     cc -O2 -I Sources/CTalkoot/include Modules/driver.c -o driver -ldl
 *     driver MODULE.so ITEMS-PER-UNIT [--input FILE] [--block BYTES] [--fan-in N] [--time] [NAME=TYPE:VALUE ...]
 *
 * TYPE is integer, real, flag or text; every parameter must be given. The input's items are lines, or blocks of so many bytes. The output
 * goes to stdout.
 * It protects from nothing: use it for modules that you wrote yourself. */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talkoot.h>
#include <time.h>

struct buffer {
    uint8_t *data;
    size_t size, capacity;
};

static struct buffer output;
static char **parameters;
static int parameter_count;
static size_t block; /* bytes of an item of the input; 0 when items are lines */

static void die(const char *what, const char *which)
{
    fprintf(stderr, "driver: %s%s%s\n", what, *which ? ": " : "", which);
    exit(1);
}

static const char *value_of(const char *name, const char *type)
{
    const size_t name_size = strlen(name), type_size = strlen(type);
    for (int i = 0; i < parameter_count; i++) {
        const char *const each = parameters[i];
        if (strncmp(each, name, name_size) == 0 && each[name_size] == '=' && strncmp(each + name_size + 1, type, type_size) == 0
            && each[name_size + 1 + type_size] == ':') {
            return each + name_size + type_size + 2;
        }
    }
    die("no such parameter of this type", name);
    return "";
}

static int64_t integer(const talkoot_host *host, const char *name) { return (void)host, strtoll(value_of(name, "integer"), NULL, 10); }
static double real(const talkoot_host *host, const char *name) { return (void)host, strtod(value_of(name, "real"), NULL); }
static bool flag(const talkoot_host *host, const char *name) { return (void)host, strcmp(value_of(name, "flag"), "true") == 0; }
static const char *text(const talkoot_host *host, const char *name) { return (void)host, value_of(name, "text"); }

static void *reserve(const talkoot_host *host, size_t size)
{
    (void)host;
    if (output.capacity - output.size < size) {
        output.capacity = 2 * output.capacity + size;
        output.data = realloc(output.data, output.capacity);
        if (output.data == NULL) { die("no memory", ""); }
    }
    output.size += size;
    return output.data + output.size - size;
}

static int32_t append(const talkoot_host *host, const void *data, size_t size)
{
    if (size > 0) { memcpy(reserve(host, size), data, size); }
    return TALKOOT_OK;
}

static bool should_stop(const talkoot_host *host) { return (void)host, false; }
static void progress(const talkoot_host *host, uint64_t items) { (void)host, (void)items; }
static int32_t checkpoint(const talkoot_host *host, const void *data, size_t size) { return (void)host, (void)data, (void)size, 0; }
static void note(const talkoot_host *host, int32_t level, const char *words) { (void)host, fprintf(stderr, "[%d] %s\n", level, words); }
static int32_t fail(const talkoot_host *host, const char *words) { return (void)host, fprintf(stderr, "failed: %s\n", words), TALKOOT_FAILED; }

static const talkoot_host host = {
    .abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof(talkoot_host), .integer = integer, .real = real, .flag = flag, .text = text,
    .write = append, .reserve = reserve, .should_stop = should_stop, .progress = progress, .checkpoint = checkpoint, .log = note, .fail = fail,
};

/* What the last call wrote. */
static talkoot_bytes take(void)
{
    talkoot_bytes bytes = {.data = output.data, .size = output.size};
    output = (struct buffer){0};
    return bytes;
}

static talkoot_bytes load(const char *path)
{
    FILE *const file = fopen(path, "rb");
    if (file == NULL) { die("cannot open", path); }
    for (size_t got = 1; got > 0;) {
        void *const room = reserve(&host, 1 << 20);
        got = fread(room, 1, 1 << 20, file);
        output.size -= (1 << 20) - got;
    }
    fclose(file);
    return take();
}

/* The end of a run of items that begins at `start`. */
static size_t after_items(talkoot_bytes input, size_t start, uint64_t items)
{
    if (block > 0) { return (input.size - start) / block < items ? input.size : start + items * block; }
    uint64_t lines = items;
    for (const char *const data = input.data; lines > 0 && start < input.size; lines--) {
        const char *const newline = memchr(data + start, '\n', input.size - start);
        start = newline == NULL ? input.size : (size_t)(newline - data) + 1;
    }
    return start;
}

static uint64_t count_items(talkoot_bytes input)
{
    uint64_t items = 0;
    for (size_t at = 0; at < input.size; items++) { at = after_items(input, at, 1); }
    return items;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Joins neighbours, `fan_in` at a time, until one result is left. */
static talkoot_bytes merge_all(const talkoot_module *module, talkoot_bytes *results, size_t count, size_t fan_in)
{
    if (module->merge == NULL) {
        for (size_t i = 0; i < count; i++) { append(&host, results[i].data, results[i].size); }
        return take();
    }
    while (count > 1) {
        size_t merged = 0;
        for (size_t i = 0; i < count; i += fan_in) {
            const size_t part = count - i < fan_in ? count - i : fan_in;
            if (module->merge(&host, results + i, part) != TALKOOT_OK) { die("merge failed", ""); }
            for (size_t j = i; j < i + part; j++) { free((void *)results[j].data); }
            results[merged++] = take();
        }
        count = merged;
    }
    return count == 1 ? results[0] : (talkoot_bytes){0};
}

static talkoot_bytes *run_all(const talkoot_module *module, talkoot_bytes input, uint64_t items, uint64_t per_unit)
{
    const uint64_t units = items / per_unit + (items % per_unit != 0);
    talkoot_bytes *const results = calloc(units + 1, sizeof *results);
    if (results == NULL) { die("no memory", ""); }
    size_t at = 0;
    for (uint64_t index = 0; index < units; index++) {
        const uint64_t first = index * per_unit;
        talkoot_unit unit = {.struct_size = sizeof unit, .index = index, .first_item = first, .seed = index};
        unit.item_count = items - first < per_unit ? items - first : per_unit;
        const size_t end = after_items(input, at, unit.item_count);
        unit.input = (talkoot_bytes){.data = (const char *)input.data + at, .size = end - at};
        at = end;
        if (module->run(&host, &unit) != TALKOOT_OK) { die("run failed", ""); }
        results[index] = take();
    }
    return results;
}

int main(int count, char **words)
{
    if (count < 3) { die("usage: driver MODULE.so ITEMS-PER-UNIT [--input FILE] [--block BYTES] [--fan-in N] [--time] [NAME=TYPE:VALUE ...]", ""); }
    talkoot_bytes input = {.data = ""};
    size_t fan_in = 32;
    bool is_timed = false;
    parameters = words + 3;
    for (int i = 3; i < count; i++) {
        if (strcmp(words[i], "--time") == 0) {
            is_timed = true;
        } else if (strcmp(words[i], "--input") == 0 && i + 1 < count) {
            input = load(words[++i]);
        } else if (strcmp(words[i], "--block") == 0 && i + 1 < count) {
            block = strtoul(words[++i], NULL, 10);
        } else if (strcmp(words[i], "--fan-in") == 0 && i + 1 < count) {
            fan_in = strtoul(words[++i], NULL, 10);
        } else {
            parameters[parameter_count++] = words[i];
        }
    }
    void *const library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) { die("cannot load", dlerror()); }
    const talkoot_module *(*const entry)(const talkoot_host *) = (const talkoot_module *(*)(const talkoot_host *))dlsym(library, "talkoot_module_v1");
    const talkoot_module *const module = entry == NULL ? NULL : entry(&host);
    if (module == NULL) { die("no talkoot_module_v1", ""); }
    const uint64_t per_unit = strtoull(words[2], NULL, 10);
    uint64_t items = count_items(input);
    if (module->plan != NULL && module->plan(&host, input.size, &items) != TALKOOT_OK) { die("plan failed", ""); }
    if (per_unit == 0 || fan_in < 2) { die("units have at least one item, merges at least two results", ""); }

    const double start = seconds();
    const uint64_t units = items / per_unit + (items % per_unit != 0);
    talkoot_bytes *const results = run_all(module, input, items, per_unit);
    const double ran = seconds();
    const talkoot_bytes merged = merge_all(module, results, units, fan_in);
    const double joined = seconds();
    append(&host, merged.data, module->finish == NULL ? merged.size : 0);
    if (module->finish != NULL && module->finish(&host, merged) != TALKOOT_OK) { die("finish failed", ""); }
    fwrite(output.data, 1, output.size, stdout);
    if (is_timed) {
        fprintf(stderr, "items %" PRIu64 " units %" PRIu64 " run %.3f s merge %.3f s finish %.3f s\n", items, units, ran - start, joined - ran,
                seconds() - joined);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
