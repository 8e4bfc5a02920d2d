/* Ends, crashes and hunger: what the agent has to notice and to bound. */
#include "hostile.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long exit_quietly(void) { exit(0); }

static long exit_as_forbidden(void) { _exit(159); }

static long end_by_abort(void) { abort(); }

static long write_to_null(void) {
    volatile int *volatile place = (volatile int *)8;
    *place = 1;
    return 0;
}

/* Pages of code are not writable, pages of data not executable. */
static long write_own_code(void) {
    *(volatile char *)(uintptr_t)&write_to_null = 0;
    return 0;
}

static long run_data(void) {
    static char code[64] = {(char)0xc3};
    void (*start)(void);
    const uintptr_t place = (uintptr_t)code;
    memcpy(&start, &place, sizeof start);
    start();
    return 0;
}

__attribute__((noinline)) static int recurse(volatile char *caller) {
    volatile char frame[4096];
    frame[0] = (char)(*caller + 1);
    if (caller == NULL) return 0;
    const int depth = recurse(frame);
    return depth + frame[0]; /* the frame is still in use: no jump in place of the call */
}

static long overflow_stack(void) {
    volatile char first = 0;
    return recurse(&first);
}

static long spin(void) {
    for (;;) __asm__ volatile("" : : : "memory");
    return 0;
}

static long spin_deaf(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    return spin();
}

static long sleep_for_ever(void) {
    for (;;) sleep(1000);
    return 0;
}

static long stop_itself(void) {
    raise(SIGSTOP);
    return sleep_for_ever();
}

const struct hostile_steps hostile_life_steps[] = {
    {"exit-quietly", exit_quietly},
    {"exit-as-forbidden", exit_as_forbidden},
    {"abort", end_by_abort},
    {"null-write", write_to_null},
    {"write-own-code", write_own_code},
    {"run-data", run_data},
    {"stack-overflow", overflow_stack},
    {"spin", spin},
    {"spin-deaf", spin_deaf},
    {"sleep", sleep_for_ever},
    {"stop-itself", stop_itself},
    {0},
};

#define CHUNK (1u << 20)

static const char *eat_by_malloc(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host, (void)unit;
    for (;;) {
        char *memory = malloc(CHUNK);
        memset(memory, 1, CHUNK);
        __asm__ volatile("" : : "r"(memory) : "memory");
    }
    return NULL;
}

static const char *eat_by_mmap(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host, (void)unit;
    for (;;) memset(mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, CHUNK);
    return NULL;
}

static const char *ask_for_too_much(const talkoot_host *host, const talkoot_unit *unit) {
    (void)unit;
    for (size_t size = CHUNK; size != 0; size *= 2) {
        char *memory = malloc(size);
        if (memory == NULL) {
            host->fail(host, "no more memory");
            abort();
        }
        __asm__ volatile("" : : "r"(memory) : "memory");
    }
    return "through";
}

static const char *write_too_much(const talkoot_host *host, const talkoot_unit *unit) {
    (void)unit;
    static char block[4096];
    while (host->write(host, block, sizeof block) == TALKOOT_OK) {}
    return NULL;
}

/* The work's input lies in memory that only the agent writes. */
static const char *write_input(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host;
    *(volatile char *)(uintptr_t)unit->input.data = 1;
    return "through";
}

static const char *write_past_memory(const talkoot_host *host, const talkoot_unit *unit) {
    (void)unit;
    volatile char *place = host->reserve(host, 1);
    for (size_t i = 0;; i += 4096) place[i] = 1;
    return NULL;
}

static void *wait_for_ever(void *none) {
    for (;;) sleep(1000);
    return none;
}

#define MANY_THREADS 5000

static const char *make_threads(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host, (void)unit;
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int count = 0; count < MANY_THREADS; count++)
        if (pthread_create(&thread, &small, wait_for_ever, NULL) != 0) return "EAGAIN";
    return "through";
}

static const char *make_second_thread(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host, (void)unit;
    pthread_t thread;
    return pthread_create(&thread, NULL, wait_for_ever, NULL) == 0 ? "through" : "EAGAIN";
}

static atomic_bool is_past_loading;

static void *map_code_later(void *none) {
    while (!atomic_load(&is_past_loading)) call3(SYS_sched_yield, 0, 0, 0);
    call6(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return none;
}

/* A thread that was there before the second filter has it, too. */
__attribute__((constructor)) static void start_early_thread(void) {
    static const char wanted[] = "early-thread";
    pthread_t thread;
    for (size_t i = 0; i < sizeof wanted; i++)
        if (hostile_choice.name[i] != wanted[i]) return;
    pthread_create(&thread, NULL, map_code_later, NULL);
}

static const char *release_early_thread(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host, (void)unit;
    atomic_store(&is_past_loading, true);
    for (;;) sleep(1000);
    return NULL;
}

const struct hostile_play hostile_plays[] = {
    {"memory-by-malloc", eat_by_malloc},
    {"memory-by-mmap", eat_by_mmap},
    {"memory-asked-for", ask_for_too_much},
    {"output-flood", write_too_much},
    {"input-write", write_input},
    {"past-shared-memory", write_past_memory},
    {"thread-bomb", make_threads},
    {"thread-second", make_second_thread},
    {"early-thread", release_early_thread},
    {0},
};
