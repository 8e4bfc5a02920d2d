#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cell.h"

struct cell cell;

/* Started by hand, or by an agent of another version. */
#define EXIT_USAGE 64

/* Maps both memories and takes a private copy of the configuration. */
static int take_configuration(void) {
    struct stat request_file, response_file;
    if (fstat(TALKOOT_FD_REQUEST, &request_file) != 0 || fstat(TALKOOT_FD_RESPONSE, &response_file) != 0) return errno;
    const char *request = mmap(NULL, (size_t)request_file.st_size, PROT_READ, MAP_SHARED, TALKOOT_FD_REQUEST, 0);
    char *response = mmap(NULL, (size_t)response_file.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, TALKOOT_FD_RESPONSE, 0);
    if (request == MAP_FAILED || response == MAP_FAILED) return errno;
    const talkoot_wire_configuration *shared = (const talkoot_wire_configuration *)request;
    if (shared->magic != TALKOOT_WIRE_MAGIC || shared->version != TALKOOT_WIRE_VERSION) return EPROTO;
    talkoot_wire_configuration *own = malloc(shared->size);
    if (own == NULL) return ENOMEM;
    memcpy(own, shared, shared->size);
    cell.configuration = own;
    cell.request = (const talkoot_wire_request *)request;
    cell.status = (talkoot_wire_status *)response;
    cell.ends = (uint64_t *)(response + TALKOOT_WIRE_ENDS);
    cell.output = response + TALKOOT_WIRE_OUTPUT;
    cell.output_size = (uint64_t)response_file.st_size - TALKOOT_WIRE_OUTPUT;
    close(TALKOOT_FD_REQUEST);
    close(TALKOOT_FD_RESPONSE);
    if (own->unit_seconds == 0) close(TALKOOT_FD_UNITS);
    return 0;
}

/* Dies with the thread that started it, also when that one is gone already: then nobody holds the other end of the descriptor. */
static int tie_to_parent(int descriptor) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    struct pollfd end = {.fd = descriptor, .events = 0};
    if (poll(&end, 1, 0) < 0) return errno;
    if (end.revents & (POLLHUP | POLLERR | POLLNVAL)) return EPIPE;
    setsid(); /* fails for a leader, which is as good */
    return 0;
}

static _Noreturn void stop_at(uint32_t step, int error) {
    cell.status->step = step;
    cell.status->error = error;
    /* The parent waits for one of the two, and takes no other. */
    const uint32_t call = cell.sequence == 0 ? TALKOOT_CALL_READY : TALKOOT_CALL_LOADED;
    exchange_answer(call, TALKOOT_END_STEP | TALKOOT_END_LAST);
    _exit(1);
}

static void load_filter(uint32_t step, talkoot_wire_filter filter) {
    if (!(cell.configuration->layers & TALKOOT_LAYER_FILTER)) return;
    int error = filter_load(filter);
    if (error != 0) stop_at(step, error);
}

int main(void) {
    int error = tie_to_parent(TALKOOT_FD_ZYGOTE);
    if (error != 0) _exit(EXIT_USAGE);
    const int map_error = zygote_wait();

    error = take_configuration();
    if (error != 0) _exit(EXIT_USAGE);
    const talkoot_wire_configuration *configuration = cell.configuration;
    cell.stack_end = (uintptr_t)__builtin_frame_address(0);
    host_prepare();

    error = tie_to_parent(TALKOOT_FD_ANSWERS);
    if (error != 0) stop_at(TALKOOT_STEP_PARENT, error);
    if (map_error != 0) stop_at(TALKOOT_STEP_USER_MAP, map_error);
    error = module_preload(configuration->preload);
    if (error != 0) stop_at(TALKOOT_STEP_PRELOAD, error);
    error = confine();
    if (error != 0) stop_at(cell.status->step, error);
    error = faults_handle();
    if (error == 0) error = filter_handle_traps();
    if (error != 0) stop_at(TALKOOT_STEP_FILTER_LOADING, error);

    /* The parent looks at this process from outside before it lets a stranger's code in. */
    exchange_answer(TALKOOT_CALL_READY, TALKOOT_END_DONE);
    if (exchange_receive() != TALKOOT_CALL_GO) _exit(EXIT_USAGE);
    /* No core file, no tracer of the same user. Not earlier: an ordinary user's agent could not look. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) stop_at(TALKOOT_STEP_NO_NEW_PRIVILEGES, errno);
    if (configuration->unit_seconds != 0) {
        load_filter(TALKOOT_STEP_FILTER_LOADING, configuration->template_filter);
        units_wait();
    }

    load_filter(TALKOOT_STEP_FILTER_LOADING, configuration->loading_filter);
    const uint32_t only_call = configuration->unit_seconds != 0 ? exchange_receive() : 0;
    if (configuration->probe == 0 && !module_load()) {
        exchange_answer(TALKOOT_CALL_LOADED, TALKOOT_END_LOAD | TALKOOT_END_LAST);
        _exit(1);
    }
    load_filter(TALKOOT_STEP_FILTER_RUNNING, configuration->running_filter);
    exchange_answer(TALKOOT_CALL_LOADED, TALKOOT_END_DONE);
    if (only_call != 0) exchange_perform(only_call);
    else for (;;) exchange_perform(exchange_receive());
    _exit(0);
}
