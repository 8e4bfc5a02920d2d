/*
 * A process of its own for each unit, when the module's manifest asks for that. This cell is then a template: confined like any other and
 * looked at by the parent, it loads no module, but makes a copy of itself for each unit. The copy loads the rest of the first filter and waits for
 * the parent's call, then loads the module as a cell does, runs the one unit, and ends. Of a copy nothing comes back into the template but
 * the kernel's word on its end. A copy is made before there is a call for it, beside the one that runs; what it has run by then is written here.
 *
 * A copy has the template's layers: fork hands on namespaces, user, capabilities, no_new_privs, Landlock, limits and what else the
 * parent looked at. What it does not hand on, the death signal and a count of processor time, is set anew here. The template's filter
 * allows that and processes, and is handed on too; what a copy loads takes it back.
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell.h"

/* What fork does not hand on, and a way to answer that is not the template's. 0, or an errno. */
static int settle(pid_t template) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    if (getppid() != template) return EPIPE;
    if (dup3(TALKOOT_FD_UNITS, TALKOOT_FD_ANSWERS, 0) < 0 || close(TALKOOT_FD_UNITS) != 0) return errno;
    const uint64_t seconds = cell.configuration->unit_seconds;
    /* The first limit ends it by a signal that nobody else sends; the second one is for a module that does without that signal. */
    const struct rlimit limit = {.rlim_cur = seconds, .rlim_max = seconds + 1};
    return setrlimit(RLIMIT_CPU, &limit) == 0 ? 0 : errno;
}

static uint64_t nanoseconds(struct timeval time) { return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u; }

/* How a copy ended, as the kernel says. */
static talkoot_wire_ended wait_for_one(void) {
    int status = 0;
    struct rusage usage = {0};
    while (wait4(-1, &status, 0, &usage) < 0 && errno == EINTR) {}
    talkoot_wire_ended ended = {.nanoseconds = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)};
    ended.code = WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    return ended;
}

/* One that has the parent's call, and one that waits for the next. */
#define COPIES 2

void units_wait(void) {
    const pid_t template = getpid();
    exchange_answer(TALKOOT_CALL_LOADED, TALKOOT_END_DONE);
    for (int copies = 0;;) {
        talkoot_wire_ended ended = {0};
        while (copies < COPIES && ended.error == 0) {
            const pid_t process = fork();
            if (process == 0) {
                if (settle(template) != 0) _exit(1);
                return;
            }
            if (process > 0) copies++;
            else ended.error = errno;
        }
        if (copies > 0) {
            ended = wait_for_one();
            copies--;
        } else {
            exchange_receive();
        }
        if (write(TALKOOT_FD_ANSWERS, &ended, sizeof ended) != (ssize_t)sizeof ended) _exit(1);
    }
}
