/*
 * The system calls that Swift cannot make safely: starting a confined process, and memory files for sharing.
 * Each function does one step and returns 0, or a negative errno.
 */
#ifndef TALKOOT_SYSTEM_H
#define TALKOOT_SYSTEM_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "talkoot_wire.h"

/* How to start one cell. */
typedef struct talkoot_spawn {
    int descriptors[TALKOOT_FD_COUNT]; /* what becomes 0, 1, 2, ... in the cell; nothing else stays open */
    uint32_t layers;                   /* TALKOOT_LAYER_...; another set than the last time costs a new zygote */
    uint32_t preload;                  /* TALKOOT_PRELOAD_...; one that no cell needed so far costs a new zygote */
    uint32_t legacy;                   /* control groups of version 1 */
    int group;                         /* directory of its control group of version 2, or -1 */
    int legacy_groups[TALKOOT_LEGACY_GROUPS]; /* `tasks` of the groups of version 1 */
    int legacy_homes[TALKOOT_LEGACY_GROUPS];  /* `tasks` of the groups that this process belongs to */
} talkoot_spawn;

/* What came of it. `error` is 0 when the process runs. */
typedef struct talkoot_spawned {
    pid_t process;
    int pidfd;
    uint32_t step; /* TALKOOT_STEP_...: where it failed */
    int32_t error; /* errno of that step, 0 when the process runs */
    uint32_t is_outside; /* 1 when one of its control groups refused it */
} talkoot_spawned;

/* A thread that executes the zygote at `path` and is the parent of all cells, which are copies of it. It lives until
 * talkoot_spawner_free: a process whose death signal is tied to its parent dies when the thread that is its parent ends. A zygote
 * that died is replaced with the next cell. */
typedef struct talkoot_spawner talkoot_spawner;

/* The most variables that can be added to the cells' environment. */
#define TALKOOT_VARIABLES 8
/* Starts the thread, and with it the zygote; NULL with errno set when there is no thread. `stack_bytes` is the cells' RLIMIT_STACK;
 * `variables`, ended by NULL or itself NULL, are texts NAME=VALUE that cells see before their standard ones; with `is_still` the
 * system loads them to the same addresses each time, where it can. */
talkoot_spawner *talkoot_spawner_create(const char *path, uint64_t stack_bytes, const char *const *variables, bool is_still);
/* Ends the thread, and with it every process that is its child. */
void talkoot_spawner_free(talkoot_spawner *spawner);
/* Starts a cell and returns when there is a process. Any thread may call; calls queue up. */
talkoot_spawned talkoot_spawner_start(talkoot_spawner *spawner, const talkoot_spawn *spawn);

/* The process id of the zygote; -1 when there is none at the moment. */
pid_t talkoot_spawner_zygote(talkoot_spawner *spawner);

/* How a process ended. */
typedef struct talkoot_ending {
    int32_t code;   /* CLD_EXITED, CLD_KILLED or CLD_DUMPED */
    int32_t status; /* exit status or signal */
    double processor_seconds;
} talkoot_ending;

/* Waits for the process to end, at most `milliseconds` (-1: for ever), and reaps it. -ETIMEDOUT when it runs on. */
int talkoot_reap(int pidfd, int milliseconds, talkoot_ending *ending);
/* Sends a signal; -ESRCH when the process is gone. */
int talkoot_signal(int pidfd, int signal);
/* Processor time of a process that is not reaped yet, in seconds; negative when unknown. */
double talkoot_processor_seconds(pid_t process);
/* Lets every other process of the machine go first: all threads of the process's group, which is its own. */
int talkoot_step_back(pid_t process);
/* Monotonic time in nanoseconds. */
uint64_t talkoot_now(void);

/* Waits until a control group of version 2 is frozen, as its file `cgroup.events` says; -ETIMEDOUT when it is not in time. */
int talkoot_await_frozen(const char *events, int milliseconds);

/* A memory file of `size` bytes that can never change its size. Returns the descriptor. */
int talkoot_memory_create(const char *name, uint64_t size);
/* A memory file that holds `bytes` and can never change at all. Returns the descriptor. */
int talkoot_memory_seal(const char *name, const void *bytes, size_t size);
/* The same file, opened again for reading only, with a file offset of its own. Returns the descriptor. */
int talkoot_memory_reopen(int descriptor);
/* Copies bytes to where a memory file is mapped that another process will read. */
void talkoot_memory_write(void *address, const void *bytes, size_t size);
/* Gives the pages of a part of the file back; they read as zeros. */
int talkoot_memory_release(int descriptor, uint64_t offset, uint64_t size);
/* Makes all of a file read as zeros that is mapped at `address` with its whole `size`, and that nobody else writes to meanwhile. */
void talkoot_memory_clear(int descriptor, void *address, uint64_t size);
/* An empty memory file without seals, to be written by somebody who wants a descriptor. */
int talkoot_memory_scratch(void);

/* An event counter, by which a cell is told of a call. Returns the descriptor. */
int talkoot_calls_create(void);
/* Tells of a call. */
int talkoot_calls_raise(int descriptor);
/* A pipe of whole packets whose both ends never block: [0] stays here, [1] goes to the cell. */
int talkoot_answers_pipe(int pair[2]);
/* Waits for a packet of `size` bytes, at most 64, and takes it: 1 when there, 0 when nobody is left who could write one, -EAGAIN when
 * it did not come in time or a signal did, -EBADMSG when it has another length. */
int talkoot_answers_receive(int descriptor, uint64_t nanoseconds, void *packet, size_t size);

/* A pipe whose both ends never block and that holds about `bytes`. */
int talkoot_log_pipe(int pair[2], size_t bytes);

#endif /* TALKOOT_SYSTEM_H */
