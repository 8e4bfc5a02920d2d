/* Lies to the agent, in the words of the exchange: packets on descriptor 5, numbers in the shared memory. */
#include "hostile.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct packet {
    uint32_t call;
    uint32_t status;
    uint64_t sequence;
};
enum { CALL_LOADED = 3, CALL_RUN = 5, CALL_PLAN = 4 };

/* The first run in a cell has this number. */
enum { FIRST_RUN = 3 };

/* Where the status page, the ends of results and the output lie in the shared memory. */
#define STATUS_WORDS 512
#define END_WORDS 65536
#define OUTPUT_AT (4096 + 8 * END_WORDS + (2 << 20))

static volatile uint64_t *status_page(const talkoot_host *host) {
    char *place = host->reserve(host, 16);
    return place == NULL ? NULL : (volatile uint64_t *)(void *)(place - OUTPUT_AT);
}

static void answer(uint32_t call, uint32_t status, uint64_t sequence) {
    const struct packet packet = {call, status, sequence};
    call3(SYS_write, 5, PLACE(&packet), sizeof packet);
}

static const char *wait_for_judgement(void) {
    for (;;) sleep(1000);
    return NULL;
}

static const char *short_answer(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host;
    call3(SYS_write, 5, PLACE(unit), 8);
    return wait_for_judgement();
}

static const char *long_answer(const talkoot_host *host, const talkoot_unit *unit) {
    static char block[4000];
    (void)host, (void)unit;
    call3(SYS_write, 5, PLACE(block), sizeof block);
    return wait_for_judgement();
}

static const char *empty_answer(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host;
    call3(SYS_write, 5, PLACE(unit), 0);
    return wait_for_judgement();
}

static const char *other_call(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host, (void)unit;
    answer(CALL_PLAN, 0, FIRST_RUN);
    return wait_for_judgement();
}

static const char *other_number(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host, (void)unit;
    answer(CALL_RUN, 0, FIRST_RUN - 1);
    return wait_for_judgement();
}

static const char *unknown_end(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host, (void)unit;
    answer(CALL_RUN, 77, FIRST_RUN);
    return wait_for_judgement();
}

/* The answer to this call a second time, and to the next one before it is asked: both wait in the pipe. */
static const char *second_answer(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host;
    if (unit->index == 0) answer(CALL_RUN, 0, FIRST_RUN);
    return NULL;
}

static const char *early_answer(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host;
    if (unit->index == 0) answer(CALL_RUN, 0, FIRST_RUN + 1);
    return NULL;
}

static const char *flood_of_answers(const talkoot_host *host, const talkoot_unit *unit) {
    (void)host;
    for (;;) call3(SYS_write, 5, PLACE(unit), 16);
    return NULL;
}

static const char *flood_of_lengths(const talkoot_host *host, const talkoot_unit *unit) {
    static char block[8192];
    (void)host, (void)unit;
    for (long size = 0;; size = (size + 17) % (long)sizeof block) call3(SYS_write, 5, PLACE(block), size);
    return NULL;
}

/* Tells of `done` units with their results here, then waits. */
static const char *claim(const talkoot_host *host, uint64_t done, uint64_t first_end, uint64_t second_end) {
    volatile uint64_t *page = status_page(host);
    page[512] = first_end;
    page[513] = second_end;
    page[0] = done;
    answer(CALL_RUN, 0, FIRST_RUN);
    return wait_for_judgement();
}

#define CLAIM(name, done, first, second)                                              \
    static const char *name(const talkoot_host *host, const talkoot_unit *unit) {     \
        (void)unit;                                                                   \
        return claim(host, done, first, second);                                      \
    }
CLAIM(nothing_at_all, 0, 0, 0)
CLAIM(more_than_asked, 3, 0, 0)
CLAIM(most_of_all, ~0ull, 0, 0)
CLAIM(end_far_away, 1, 1ull << 60, 0)
CLAIM(end_negative, 1, ~0ull, 0)
CLAIM(end_over_limit, 1, (1u << 20) + 1, 0)
CLAIM(ends_backwards, 2, 64, 8)

/* ---- A cell that lies in every field, for ever: it answers by itself and writes nonsense before, during and after. ---- */

static uint64_t state;

static uint64_t any(void) {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Small, near a limit, negative or anything. */
static uint64_t odd_number(void) {
    static const uint64_t edges[] = {0, 1, 2, 15, 16, 17, 4096, 65535, 65536, 65537, 1u << 20, (1u << 20) + 1, 1u << 31, ~0u, 1ull << 32,
                                     1ull << 60, 1ull << 63, ~0ull, ~0ull - 1, ~0ull - 15};
    const uint64_t kind = any();
    if (kind % 4 == 0) return any();
    if (kind % 4 == 1) return any() % 64;
    return edges[(kind >> 8) % (sizeof edges / sizeof *edges)];
}

/* Anything anywhere, seldom where it is noticed at once. */
static void scribble(volatile uint64_t *page, uint64_t rounds) {
    for (uint64_t round = 0; round < rounds; round++) {
        switch (any() % 256) {
        case 0: page[0] = odd_number(); break;
        case 1: page[STATUS_WORDS + any() % 8] = odd_number(); break;
        case 2: page[STATUS_WORDS + any() % END_WORDS] = any(); break;
        default: page[1 + any() % (any() % 2 == 0 ? 18 : STATUS_WORDS - 1)] = odd_number(); break;
        }
    }
}

/* Some results that could be. */
static void pretend(volatile uint64_t *page) {
    for (uint64_t i = 0, end = 0; i < 8; i++) page[STATUS_WORDS + i] = end = ((end + 15) & ~15ull) + any() % 4096;
    page[0] = 1 + any() % 2 * (any() % 6);
}

/* Mostly a header that is believed: the lies behind it are what is looked at. */
static void lie(struct packet packet) {
    const uint64_t kind = any();
    if (kind % 64 == 0) packet.call = (uint32_t)odd_number();
    if (kind % 64 == 1) packet.sequence = odd_number();
    packet.status = kind % 64 == 2 ? (uint32_t)odd_number() : kind >> 32 & 1 ? 0 : (uint32_t)(kind >> 40) % 4;
    const long size = kind % 64 == 3 ? (long)(any() % 64) : (long)sizeof packet;
    struct packet block[4] = {packet, packet, packet, packet};
    call3(SYS_write, 5, PLACE(block), size);
    if (kind % 64 == 4) call3(SYS_write, 5, PLACE(block), sizeof packet);
}

/* The request, a page before the inputs: in its last words the number of the call, and which call it is. */
static struct packet present_call(const talkoot_unit *unit) {
    const uint64_t *page = (const uint64_t *)(((uintptr_t)unit->input.data & ~(uintptr_t)4095) - 4096);
    return (struct packet){(uint32_t)page[15], 0, page[14]};
}

static const char *lie_for_ever(const talkoot_host *host, const talkoot_unit *unit) {
    volatile uint64_t *page = status_page(host);
    state = unit->seed;
    uint64_t raised;
    struct packet packet = {CALL_RUN, 0, FIRST_RUN};
    for (;;) {
        scribble(page, any() % 64);
        if (any() % 8 != 0) pretend(page);
        lie(packet);
        /* While the agent reads. */
        if (any() % 2 == 0) scribble(page, any() % 512);
        if (call3(SYS_read, 3, PLACE(&raised), sizeof raised) <= 0) _exit(0);
        packet = present_call(unit);
        if (any() % 64 == 0) _exit((int)(any() % 256));
    }
}

const struct hostile_play hostile_lies[] = {
    {"answer-short", short_answer},
    {"answer-long", long_answer},
    {"answer-empty", empty_answer},
    {"answer-other-call", other_call},
    {"answer-other-number", other_number},
    {"answer-unknown-end", unknown_end},
    {"answer-twice", second_answer},
    {"answer-early", early_answer},
    {"answer-flood", flood_of_answers},
    {"answer-flood-of-lengths", flood_of_lengths},
    {"count-none", nothing_at_all},
    {"count-more", more_than_asked},
    {"count-most", most_of_all},
    {"end-far-away", end_far_away},
    {"end-negative", end_negative},
    {"end-over-limit", end_over_limit},
    {"ends-backwards", ends_backwards},
    {"liar", lie_for_ever},
    {0},
};
