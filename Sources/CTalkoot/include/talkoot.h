/*
 * talkoot.h: the binary interface between a Talkoot module and its host, version 1.
 *
 * A module is a shared library that exports one function, talkoot_module_v1. It is loaded into a cell: a
 * confined process without files, network or other processes. What a module needs comes in
 * through this header; what it computed goes out through it.
 *
 * The shape of a job. A job is an index space of items, 0 ..< items, which mean whatever the module wants:
 * numbers, rows of a picture, lines of a text. A work unit is a fixed run of consecutive items, the smallest
 * thing that is run, checked and repeated. `run` computes one unit and writes its result; `merge` folds
 * consecutive results, in order, into one; `finish` turns the last one into what the requester wanted.
 *
 * Stability. Fields are only ever appended to these structs; `struct_size` tells each side what the other
 * one knows. A changed meaning gets a new exported symbol (talkoot_module_v2) beside this one. A module that
 * is built against this header today loads in every later host.
 *
 * Plain C11 and C++11 without dependencies. Every call comes from one thread, the module's first one; host
 * functions are called from that thread only.
 */
#ifndef TALKOOT_H
#define TALKOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version that this header describes. */
#define TALKOOT_ABI_VERSION 1u

/* Stands before the definition of talkoot_module_v1, which must be visible outside of the library. */
#ifdef __cplusplus
#define TALKOOT_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define TALKOOT_EXPORT __attribute__((visibility("default")))
#endif

/* What every callback of a module returns. A negative number is a failure of the call. */
#define TALKOOT_OK 0           /* the call did its work */
#define TALKOOT_STOPPED 1      /* `run` only: should_stop said so, and the unit is not finished */
#define TALKOOT_FAILED (-1)    /* the call failed; say why with host->fail */

/* Levels of host->log. */
#define TALKOOT_LOG_DEBUG 0
#define TALKOOT_LOG_INFO 1
#define TALKOOT_LOG_WARNING 2
#define TALKOOT_LOG_ERROR 3

/* A run of bytes that somebody else owns: valid until the callback that received it returns. When `size` is
 * zero, `data` may be anything and must not be read. */
typedef struct talkoot_bytes {
    const void *data;
    size_t size;
} talkoot_bytes;

/* One work unit. A replica of a unit, on another host and on another day, gets the same values and must write
 * the same result. */
typedef struct talkoot_unit {
    uint32_t struct_size;     /* bytes that the host filled; fields beyond it do not exist */
    uint32_t attempt;         /* 0 for the first try on this host */
    uint64_t index;           /* the unit's number in the job */
    uint64_t first_item;      /* its first item */
    uint64_t item_count;      /* how many items, at least 1 */
    uint64_t seed;            /* for the unit's random numbers; the same for every replica of this unit */
    talkoot_bytes input;      /* the items' own bytes, when the job has an input */
    talkoot_bytes common;     /* the job's common input, read-only, when it has one */
    talkoot_bytes checkpoint; /* the newest checkpoint of this unit, or empty */
} talkoot_unit;

/* What the host does for a module. Valid from talkoot_module_v1 until the process ends. Its functions take it
 * as their first argument and may be called during a callback only, except for the four that read parameters
 * and `log`, which talkoot_module_v1 itself may call too. */
typedef struct talkoot_host talkoot_host;
struct talkoot_host {
    uint32_t abi_version; /* the newest version that the host speaks, at least 1 */
    uint32_t struct_size; /* bytes of this struct that the host filled */

    /* The job's parameters, by the names and types that the manifest declares, defaults already applied. A name
     * or a type that the manifest does not declare ends the call at once: the unit fails and the message
     * names the parameter. The text is UTF-8, ends with a NUL and stays valid for the life of the process. */
    int64_t (*integer)(const talkoot_host *host, const char *name);
    double (*real)(const talkoot_host *host, const char *name);
    bool (*flag)(const talkoot_host *host, const char *name);
    const char *(*text)(const talkoot_host *host, const char *name);

    /* Appends `size` bytes to the output of the current call. Returns TALKOOT_OK, or TALKOOT_FAILED when the
     * output would pass its limit; the call then fails, whatever it returns. */
    int32_t (*write)(const talkoot_host *host, const void *data, size_t size);

    /* Appends `size` bytes to the output of the current call and returns where they are, to be filled in place
     * before the callback returns. The bytes are not set to anything. The first output of a call starts at a multiple
     * of 16, what follows right behind it. NULL when the output would pass its limit; the call then fails, whatever
     * it returns. Good for a large result: nothing is copied. */
    void *(*reserve)(const talkoot_host *host, size_t size);

    /* True when the host wants its processor back: leave a checkpoint, when the module has such, and return
     * TALKOOT_STOPPED. Cheap enough to be asked every millisecond. */
    bool (*should_stop)(const talkoot_host *host);

    /* How many of the unit's items are done, for a progress bar. Cheap. */
    void (*progress)(const talkoot_host *host, uint64_t items_done);

    /* Keeps `size` bytes as the unit's newest checkpoint: a later try of the unit gets them in
     * talkoot_unit.checkpoint. Returns TALKOOT_OK, or TALKOOT_FAILED when the host does not keep it, which
     * is no failure of the unit. */
    int32_t (*checkpoint)(const talkoot_host *host, const void *data, size_t size);

    /* One line for the author's eyes, at a level above. Bounded: what is too much is dropped. */
    void (*log)(const talkoot_host *host, int32_t level, const char *message);

    /* Says why a call fails, in at most 1 KiB of UTF-8, and returns TALKOOT_FAILED:
     * `return host->fail(host, "the limit is below 2");` */
    int32_t (*fail)(const talkoot_host *host, const char *message);
};

/* What a module offers. Everything but `run` may be NULL. Each callback returns one of the values above. */
typedef struct talkoot_module {
    uint32_t abi_version; /* TALKOOT_ABI_VERSION */
    uint32_t struct_size; /* sizeof(talkoot_module) */

    /* Sets how many items the job has, from its parameters and the size of its input in bytes (0 without one).
     * Without `plan` a job has as many items as its input has. Writes no output. */
    int32_t (*plan)(const talkoot_host *host, uint64_t input_size, uint64_t *items);

    /* Computes one unit and writes its result. Depends on nothing but its arguments and the parameters. */
    int32_t (*run)(const talkoot_host *host, const talkoot_unit *unit);

    /* Folds `count` consecutive results, in order, at least one, into one, and writes it. Must be associative:
     * however the results are grouped, the outcome is the same. Without `merge` results are concatenated. */
    int32_t (*merge)(const talkoot_host *host, const talkoot_bytes *results, size_t count);

    /* Turns the one result that is left into the job's output and writes it. Without `finish` it is the output. */
    int32_t (*finish)(const talkoot_host *host, talkoot_bytes merged);

    /* Sets whether two results of one unit agree. Without `equal` they do when their bytes are the same. */
    int32_t (*equal)(const talkoot_host *host, talkoot_bytes a, talkoot_bytes b, bool *same);
} talkoot_module;

/* The one symbol that a module exports:
 *
 *     TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return &module; }
 *
 * Called once, after the library is loaded. Returns a struct that stays valid for the life of the process, or
 * NULL when the module cannot work with this host, after host->fail said why. */
#ifdef __cplusplus
}
#endif
TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host);

#endif /* TALKOOT_H */
