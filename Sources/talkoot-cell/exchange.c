/* The parent's calls: told of by a counter, answered with one packet; all else lies in memory. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cell.h"

void exchange_answer(uint32_t call, uint32_t status) {
    const talkoot_wire_header header = {.call = call, .status = status, .sequence = cell.sequence};
    if (write(TALKOOT_FD_ANSWERS, &header, sizeof header) != (ssize_t)sizeof header) _exit(1);
}

uint32_t exchange_receive(void) {
    uint64_t raised;
    for (;;) {
        ssize_t count = read(TALKOOT_FD_CALLS, &raised, sizeof raised);
        if (count == (ssize_t)sizeof raised) break;
        if (count < 0 && errno == EINTR) continue;
        _exit(1);
    }
    cell.sequence = cell.request->sequence;
    return cell.request->call;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* What a callback's result means. 0, or one of TALKOOT_END_... */
static uint32_t judge(int32_t result, const char *callback) {
    if (cell.is_over) return TALKOOT_END_OUTPUT;
    if (result == TALKOOT_OK) return TALKOOT_END_DONE;
    if (cell.status->refused_bytes != 0) return TALKOOT_END_MEMORY;
    if (!cell.has_message) host_say("%s returned %d and did not say why", callback, result);
    return TALKOOT_END_FAILED;
}

/* Output starts where the last result ended, at a multiple that suits any type. */
static void begin_output(void) {
    const uint64_t mask = TALKOOT_WIRE_ALIGNMENT - 1;
    cell.start = cell.used = (cell.used + mask) & ~mask;
}

static talkoot_bytes bytes_at(uint64_t offset, uint64_t size) {
    return (talkoot_bytes){.data = size == 0 ? NULL : (const char *)cell.request + offset, .size = size};
}

/* The generator of unit seeds: splitmix64, by Sebastiano Vigna. Every host computes the same. */
static uint64_t unit_seed(uint64_t job_seed, uint64_t index) {
    uint64_t z = job_seed + (index + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static talkoot_unit unit_at(const talkoot_wire_request *request, uint64_t number) {
    talkoot_unit unit = {.struct_size = sizeof unit, .index = request->first_unit + number};
    unit.first_item = unit.index * request->items_per_unit;
    const uint64_t left = request->items - unit.first_item;
    unit.item_count = left < request->items_per_unit ? left : request->items_per_unit;
    unit.seed = unit_seed(request->seed, unit.index);
    if (request->ends != 0) {
        const uint64_t *ends = (const uint64_t *)((const char *)request + request->ends);
        const uint64_t start = number == 0 ? 0 : ends[number - 1];
        unit.input = bytes_at(request->payload + start, ends[number] - start);
    }
    if (number == 0) {
        unit.attempt = (uint32_t)request->attempt;
        unit.checkpoint = bytes_at(request->checkpoint, request->checkpoint_size);
    }
    return unit;
}

/* Units in order, until one fails or there is no time, room or leave for another. */
static uint32_t call_run(const talkoot_wire_request *request) {
    const uint64_t end = now() + request->budget;
    cell.is_running = true;
    for (uint64_t number = 0; number < request->count; number++) {
        const talkoot_unit unit = unit_at(request, number);
        if (talkoot_wire_stop_line(request) <= unit.index) break;
        if (number > 0 && (cell.used >= TALKOOT_WIRE_BATCH_BYTES || now() >= end)) break;
        cell.unit = unit.index;
        host_begin_call();
        begin_output();
        const int32_t result = cell.module->run(&cell.host, &unit);
        if (result == TALKOOT_STOPPED && talkoot_wire_stop_line(request) <= unit.index) break;
        const uint32_t verdict = judge(result, "run");
        if (verdict != TALKOOT_END_DONE) return verdict;
        cell.ends[number] = cell.used;
        __atomic_store_n(&cell.status->done, number + 1, __ATOMIC_RELEASE);
    }
    return TALKOOT_END_DONE;
}

static uint32_t call_plan(const talkoot_wire_request *request) {
    uint64_t items = 0;
    const uint32_t verdict = judge(cell.module->plan(&cell.host, request->payload_size, &items), "plan");
    cell.status->items = items;
    return verdict;
}

static uint32_t call_merge(const talkoot_wire_request *request) {
    const uint64_t *ends = (const uint64_t *)((const char *)request + request->ends);
    talkoot_bytes *results = malloc(request->count * sizeof *results);
    if (results == NULL) return TALKOOT_END_MEMORY;
    for (uint64_t i = 0, start = 0; i < request->count; start = ends[i++])
        results[i] = bytes_at(request->payload + start, ends[i] - start);
    const uint32_t verdict = judge(cell.module->merge(&cell.host, results, request->count), "merge");
    free(results);
    cell.ends[0] = cell.used;
    return verdict;
}

static uint32_t call_finish(const talkoot_wire_request *request) {
    const talkoot_bytes merged = bytes_at(request->payload, request->payload_size);
    const uint32_t verdict = judge(cell.module->finish(&cell.host, merged), "finish");
    cell.ends[0] = cell.used;
    return verdict;
}

static uint32_t call_equal(const talkoot_wire_request *request) {
    const uint64_t *ends = (const uint64_t *)((const char *)request + request->ends);
    const talkoot_bytes left = bytes_at(request->payload, ends[0]);
    const talkoot_bytes right = bytes_at(request->payload + ends[0], ends[1] - ends[0]);
    bool same = false;
    const uint32_t verdict = judge(cell.module->equal(&cell.host, left, right, &same), "equal");
    cell.status->items = same;
    return verdict;
}

static uint32_t perform(uint32_t call, const talkoot_wire_request *request) {
    const talkoot_module *module = cell.module;
    if (call == TALKOOT_CALL_RUN) return call_run(request);
    host_begin_call();
    if (call == TALKOOT_CALL_PLAN && module->plan != NULL) return call_plan(request);
    if (call == TALKOOT_CALL_MERGE && module->merge != NULL) return call_merge(request);
    if (call == TALKOOT_CALL_FINISH && module->finish != NULL) return call_finish(request);
    if (call == TALKOOT_CALL_EQUAL && module->equal != NULL) return call_equal(request);
    _exit(1); /* a parent that asks for what the module does not have is not ours */
}

void exchange_perform(uint32_t call) {
    cell.call = call;
    cell.output_limit = cell.request->output_limit;
    cell.start = cell.used = 0;
    cell.is_running = false;
    cell.status->done = 0;
    cell.status->checkpoint_slot = 0;
    exchange_answer(call, perform(call, cell.request));
}
