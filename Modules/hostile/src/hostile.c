/* Finds the chosen attack, makes it at its moment, and says what came of it. */
#include "hostile.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const volatile struct hostile_choice hostile_choice = {.mark = "the chosen attack is: "};

/* What an attack before the first unit came to. */
static long early_result;

static bool is_same(const volatile char *chosen, const char *name) {
    while (*chosen == *name && *name != '\0') chosen++, name++;
    return *chosen == *name;
}

static bool is_moment(const char *moment) { return is_same(hostile_choice.moment, moment); }

static bool find_call(const struct hostile_call *table, long *result) {
    for (; table->name != NULL; table++) {
        if (!is_same(hostile_choice.name, table->name)) continue;
        const long *with = table->arguments;
        *result = call6(table->number, with[0], with[1], with[2], with[3], with[4], with[5]);
        return true;
    }
    return false;
}

static bool find_steps(const struct hostile_steps *table, long *result) {
    for (; table->name != NULL; table++) {
        if (!is_same(hostile_choice.name, table->name)) continue;
        *result = table->perform();
        return true;
    }
    return false;
}

/* Nothing in here or below needs libc to be linked yet, apart from the attacks that say so. */
static bool perform(long *result) {
    return find_call(hostile_file_calls, result) || find_call(hostile_network_calls, result) ||
           find_call(hostile_process_calls, result) || find_call(hostile_memory_calls, result) ||
           find_call(hostile_kernel_calls, result) || find_steps(hostile_file_steps, result) ||
           find_steps(hostile_network_steps, result) || find_steps(hostile_process_steps, result) ||
           find_steps(hostile_memory_steps, result) || find_steps(hostile_kernel_steps, result) ||
           find_steps(hostile_trick_steps, result) || find_steps(hostile_life_steps, result);
}

static int nothing(void) { return 0; }

/* ld.so calls this while it links the library. */
static int (*resolve(void))(void) {
    if (is_moment("resolver")) perform(&early_result);
    return nothing;
}

static int resolved(void) __attribute__((ifunc("resolve")));

__attribute__((constructor)) static void construct(void) {
    if (is_moment("constructor")) perform(&early_result);
}

static const char *error_name(long error, char *number, size_t size) {
    static const struct { int error; const char *name; } names[] = {
        {EPERM, "EPERM"}, {ENOENT, "ENOENT"}, {ESRCH, "ESRCH"}, {EBADF, "EBADF"}, {EAGAIN, "EAGAIN"}, {ENOMEM, "ENOMEM"},
        {EACCES, "EACCES"}, {EFAULT, "EFAULT"}, {EBUSY, "EBUSY"}, {EINVAL, "EINVAL"}, {EMFILE, "EMFILE"}, {ENOTTY, "ENOTTY"},
        {ESPIPE, "ESPIPE"}, {ENOSYS, "ENOSYS"}, {ENETUNREACH, "ENETUNREACH"}, {ENODEV, "ENODEV"}, {ENOTSUP, "ENOTSUP"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].error == error) return names[i].name;
    snprintf(number, size, "errno %ld", error);
    return number;
}

static int32_t tell(const talkoot_host *host, long result) {
    char number[32];
    if (result >= 0) return host->write(host, "through", 7);
    const char *name = error_name(-result, number, sizeof number);
    return host->write(host, name, strlen(name));
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
    if (!is_moment("run")) return tell(host, early_result);
    long result = 0;
    if (perform(&result)) return tell(host, result);
    const struct hostile_play *const tables[] = {hostile_plays, hostile_lies};
    for (size_t i = 0; i < 2; i++) {
        for (const struct hostile_play *play = tables[i]; play->name != NULL; play++) {
            if (!is_same(hostile_choice.name, play->name)) continue;
            const char *finding = play->perform(host, unit);
            return finding == NULL ? TALKOOT_OK : host->write(host, finding, strlen(finding));
        }
    }
    return host->fail(host, "there is no attack of that name");
}

static int32_t fold(const talkoot_host *host, const talkoot_bytes *results, size_t count) {
    (void)results, (void)count;
    return run(host, NULL);
}

static int32_t finish(const talkoot_host *host, talkoot_bytes merged) {
    (void)merged;
    return run(host, NULL);
}

static int32_t plan(const talkoot_host *host, uint64_t size, uint64_t *items) {
    (void)size;
    *items = 1;
    return run(host, NULL);
}

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) {
    static talkoot_module module = {TALKOOT_ABI_VERSION, sizeof module, plan, run, fold, finish, NULL};
    if (hostile_choice.name[0] == '\0' || resolved() != 0) {
        host->fail(host, "this module only attacks: see talkoot doctor --attack");
        return NULL;
    }
    return &module;
}
