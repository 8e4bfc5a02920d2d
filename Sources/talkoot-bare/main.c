/*
 * talkoot-bare: loads a module into this very process, runs one unit, and says how it ended. Started by `talkoot replay --gdb`.
 *
 *     talkoot-bare MODULE.so INDEX FIRST-ITEM ITEMS SEED ATTEMPT INPUT-FILE CHECKPOINT-FILE OUTPUT-LIMIT [NAME=TYPE:VALUE ...]
 *
 * TYPE is integer, real, flag or text; `-` is no file. It confines nothing: the module can do what its user can.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "talkoot.h"

/* What callbacks know beside the host that they are given. */
struct bare {
    talkoot_host host; /* first, so that a host is a bare */
    char **parameters;
    int parameter_count;
    char *output;
    size_t used;
    size_t limit;
};

static _Noreturn void give_up(const char *what, const char *which) {
    fprintf(stderr, "talkoot-bare: %s: %s\n", what, which == NULL ? "" : which);
    exit(70);
}

/* The text behind NAME=TYPE: */
static const char *value(const talkoot_host *host, const char *name, const char *type) {
    const struct bare *bare = (const struct bare *)host;
    const size_t name_size = strlen(name), type_size = strlen(type);
    for (int i = 0; i < bare->parameter_count; i++) {
        const char *each = bare->parameters[i];
        if (strncmp(each, name, name_size) != 0 || each[name_size] != '=') continue;
        each += name_size + 1;
        if (strncmp(each, type, type_size) == 0 && each[type_size] == ':') return each + type_size + 1;
    }
    give_up("the module asked for a parameter that the capsule does not have with that type", name);
}

static int64_t integer(const talkoot_host *host, const char *name) { return strtoll(value(host, name, "integer"), NULL, 10); }
static double real(const talkoot_host *host, const char *name) { return strtod(value(host, name, "real"), NULL); }
static bool flag(const talkoot_host *host, const char *name) { return strcmp(value(host, name, "flag"), "true") == 0; }
static const char *text(const talkoot_host *host, const char *name) { return value(host, name, "text"); }

static void *reserve(const talkoot_host *host, size_t size) {
    struct bare *bare = (struct bare *)(uintptr_t)host;
    if (size > bare->limit - bare->used) return NULL;
    char *room = bare->output + bare->used;
    bare->used += size;
    return room;
}

static int32_t append(const talkoot_host *host, const void *data, size_t size) {
    void *room = reserve(host, size);
    if (room == NULL) return TALKOOT_FAILED;
    if (size > 0) memcpy(room, data, size);
    return TALKOOT_OK;
}

static bool should_stop(const talkoot_host *host) { return (void)host, false; }
static void progress(const talkoot_host *host, uint64_t items) { (void)host, (void)items; }
static int32_t checkpoint(const talkoot_host *host, const void *data, size_t size) { return (void)host, (void)data, (void)size, TALKOOT_OK; }
static void note(const talkoot_host *host, int32_t level, const char *words) { (void)host, fprintf(stderr, "log %d: %s\n", level, words); }

static int32_t fail(const talkoot_host *host, const char *words) {
    (void)host;
    fprintf(stderr, "talkoot-bare: the module failed: %s\n", words == NULL ? "" : words);
    return TALKOOT_FAILED;
}

/* A whole file; nothing for `-`. */
static talkoot_bytes load(const char *path) {
    talkoot_bytes bytes = {NULL, 0};
    if (strcmp(path, "-") == 0) return bytes;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) give_up("cannot open", path);
    bytes.size = (size_t)ftell(file);
    char *room = malloc(bytes.size + 1);
    rewind(file);
    if (room == NULL || fread(room, 1, bytes.size, file) != bytes.size) give_up("cannot read", path);
    fclose(file);
    bytes.data = room;
    return bytes;
}

static const talkoot_module *open_module(const char *path, const talkoot_host *host) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) give_up("cannot load the module", dlerror());
    const talkoot_module *(*entry)(const talkoot_host *);
    *(void **)&entry = dlsym(library, "talkoot_module_v1");
    const talkoot_module *module = entry == NULL ? NULL : entry(host);
    if (module == NULL || module->run == NULL) give_up("it is no module", path);
    return module;
}

static uint64_t number(const char *text) { return strtoull(text, NULL, 10); }

int main(int count, char **words) {
    if (count < 10) give_up("usage", "talkoot replay --gdb starts this program");
    struct bare bare = {
        .host = {
            .abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof(talkoot_host), .integer = integer, .real = real, .flag = flag,
            .text = text, .write = append, .reserve = reserve, .should_stop = should_stop, .progress = progress,
            .checkpoint = checkpoint, .log = note, .fail = fail,
        },
        .parameters = words + 10, .parameter_count = count - 10, .limit = number(words[9]),
    };
    bare.output = malloc(bare.limit + 1);
    if (bare.output == NULL) give_up("no memory for the output", words[9]);
    const talkoot_unit unit = {
        .struct_size = sizeof unit, .attempt = (uint32_t)number(words[6]), .index = number(words[2]), .first_item = number(words[3]),
        .item_count = number(words[4]), .seed = number(words[5]), .input = load(words[7]), .checkpoint = load(words[8]),
    };
    const talkoot_module *module = open_module(words[1], &bare.host);
    const int32_t result = module->run(&bare.host, &unit);
    fprintf(stderr, "talkoot-bare: run returned %d and wrote %zu bytes\n", result, bare.used);
    return result == TALKOOT_OK ? 0 : 1;
}
