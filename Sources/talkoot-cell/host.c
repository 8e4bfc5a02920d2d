/* What a module may ask for. Called from its first thread only. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cell.h"
#include "talkoot_copy.h"

#define LOG_LINE_BYTES 1024

/* The module learns what it did wrong as the reason of a failed call. */
void host_say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cell.status->message, sizeof cell.status->message, format, arguments);
    va_end(arguments);
    cell.has_message = true;
}

void host_begin_call(void) {
    cell.is_over = false;
    cell.has_message = false;
    cell.random = 0;
    cell.status->refused_bytes = 0;
    cell.status->progress = 0;
}

/* The module goes on with nothing it could rely on: the call ends here, and the process with it. */
static _Noreturn void end_call(const char *name, const char *why) {
    host_say("the module asked for parameter %.100s, %s", name == NULL ? "NULL" : name, why);
    exchange_answer(cell.module == NULL ? TALKOOT_CALL_LOADED : cell.call, TALKOOT_END_FAILED | TALKOOT_END_LAST);
    _exit(0);
}

static const talkoot_wire_parameter *parameter(const char *name, uint32_t kind) {
    static const char *const kinds[] = {"a whole number", "a real number", "a flag", "a text"};
    const char *base = (const char *)cell.configuration;
    const talkoot_wire_parameter *all = (const talkoot_wire_parameter *)(base + cell.configuration->parameters);
    for (uint32_t i = 0; name != NULL && i < cell.configuration->parameter_count; i++) {
        if (strcmp(base + all[i].name, name) != 0) continue;
        if (all[i].kind == kind) return &all[i];
        char why[64];
        snprintf(why, sizeof why, "which is %s and not %s", kinds[all[i].kind], kinds[kind]);
        end_call(name, why);
    }
    end_call(name, "which its manifest does not declare");
}

static int64_t host_integer(const talkoot_host *host, const char *name) {
    (void)host;
    return (int64_t)parameter(name, 0)->value;
}

static double host_real(const talkoot_host *host, const char *name) {
    (void)host;
    double number;
    memcpy(&number, &parameter(name, 1)->value, sizeof number);
    return number;
}

static bool host_flag(const talkoot_host *host, const char *name) {
    (void)host;
    return parameter(name, 2)->value != 0;
}

static const char *host_text(const talkoot_host *host, const char *name) {
    (void)host;
    return (const char *)cell.configuration + parameter(name, 3)->value;
}

static void *host_reserve(const talkoot_host *host, size_t size) {
    (void)host;
    uint64_t room = cell.start + cell.output_limit - cell.used;
    if (room > cell.output_size - cell.used) room = cell.output_size - cell.used;
    if (cell.is_over || size > room) {
        cell.is_over = true;
        return NULL;
    }
    void *place = cell.output + cell.used;
    cell.used += size;
    return place;
}

static int32_t host_write(const talkoot_host *host, const void *data, size_t size) {
    void *place = host_reserve(host, size);
    if (place == NULL) return TALKOOT_FAILED;
    if (size != 0) talkoot_copy(place, data, size);
    return TALKOOT_OK;
}

static bool host_should_stop(const talkoot_host *host) {
    (void)host;
    return cell.is_running && talkoot_wire_stop_line(cell.request) <= cell.unit;
}

static void host_progress(const talkoot_host *host, uint64_t items_done) {
    (void)host;
    __atomic_store_n(&cell.status->progress, items_done, __ATOMIC_RELAXED);
}

/* Into the slot that is not in use, then published: a crash in between leaves the old one. */
static int32_t host_checkpoint(const talkoot_host *host, const void *data, size_t size) {
    (void)host;
    if (!cell.is_running || size > TALKOOT_WIRE_CHECKPOINT_BYTES) return TALKOOT_FAILED;
    talkoot_wire_status *status = cell.status;
    const uint32_t slot = status->checkpoint_slot == 1 ? 2 : 1;
    char *place = (char *)status + TALKOOT_WIRE_CHECKPOINTS + (slot - 1) * (size_t)TALKOOT_WIRE_CHECKPOINT_BYTES;
    if (size != 0) memcpy(place, data, size);
    status->checkpoint_slot = 0;
    status->checkpoint_unit = cell.unit;
    status->checkpoint_size = size;
    __atomic_store_n(&status->checkpoint_slot, slot, __ATOMIC_RELEASE);
    return TALKOOT_OK;
}

/* The pipe does not block: what does not fit is dropped and counted. */
static void host_log(const talkoot_host *host, int32_t level, const char *message) {
    (void)host;
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    char line[LOG_LINE_BYTES];
    const char *name = levels[level < 0 ? 0 : level > 3 ? 3 : level];
    int count = snprintf(line, sizeof line - 1, "%s: %s", name, message == NULL ? "" : message);
    size_t size = count < 0 ? 0 : count >= (int)sizeof line - 1 ? sizeof line - 2 : (size_t)count;
    line[size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, size);
    if (written != (ssize_t)size) cell.status->log_dropped += size - (written > 0 ? (size_t)written : 0);
}

static int32_t host_fail(const talkoot_host *host, const char *message) {
    (void)host;
    host_say("%s", message == NULL ? "" : message);
    return TALKOOT_FAILED;
}

void host_prepare(void) {
    cell.host = (talkoot_host){
        .abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof(talkoot_host),
        .integer = host_integer, .real = host_real, .flag = host_flag, .text = host_text,
        .write = host_write, .reserve = host_reserve, .should_stop = host_should_stop, .progress = host_progress,
        .checkpoint = host_checkpoint, .log = host_log, .fail = host_fail,
    };
}
