/*
 * A process of its own for each unit, when the module's manifest asks for that. This cell is then a template: confined like any other and
 * looked at by the parent, it loads no module, but makes a copy of itself for each unit. The copy loads filters and module as a cell
 * does, runs the one unit, and ends. Of a copy nothing comes back into the template but the kernel's word on its end.
 *
 * A copy has the template's layers: fork hands on namespaces, user, capabilities, no_new_privs, Landlock, limits and what else the
 * parent looked at. What it does not hand on, the death signal and a count of processor time, is set anew here. The template alone has no
 * filter: that would have to allow processes.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell.h"

/* The next unit's end of a socket to the parent; ends the process when there is no parent any more. */
static int receive_channel(void) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    talkoot_wire_header call;
    struct iovec part = {.iov_base = &call, .iov_len = sizeof call};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count;
    do count = recvmsg(TALKOOT_FD_CONTROL, &message, MSG_CMSG_CLOEXEC); while (count < 0 && errno == EINTR);
    const struct cmsghdr *rights = count == (ssize_t)sizeof call ? CMSG_FIRSTHDR(&message) : NULL;
    if (rights == NULL || rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN(sizeof(int))) _exit(0);
    int channel;
    memcpy(&channel, CMSG_DATA(rights), sizeof channel);
    return channel;
}

/* What fork does not hand on, and the channel in place of the template's. 0, or an errno. */
static int settle(int channel, pid_t template) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    if (getppid() != template) return EPIPE;
    if (dup2(channel, TALKOOT_FD_CONTROL) < 0 || close(channel) != 0) return errno;
    /* The library's place in its file is shared with the copies before. */
    if (lseek(TALKOOT_FD_MODULE, 0, SEEK_SET) != 0) return errno;
    const uint64_t seconds = cell.configuration->unit_seconds;
    const struct rlimit limit = {.rlim_cur = seconds, .rlim_max = seconds};
    return setrlimit(RLIMIT_CPU, &limit) == 0 ? 0 : errno;
}

static uint64_t nanoseconds(struct timeval time) { return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u; }

/* How the copy ended, as the kernel says. */
static talkoot_wire_ended wait_for(pid_t process) {
    int status = 0;
    struct rusage usage = {0};
    while (wait4(process, &status, 0, &usage) < 0 && errno == EINTR) {}
    talkoot_wire_ended ended = {.nanoseconds = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)};
    ended.code = WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    return ended;
}

void units_wait(void) {
    const pid_t template = getpid();
    exchange_answer(TALKOOT_CALL_LOADED, TALKOOT_END_DONE);
    for (;;) {
        const int channel = receive_channel();
        const pid_t process = fork();
        if (process == 0) {
            if (settle(channel, template) != 0) _exit(1);
            return;
        }
        talkoot_wire_ended ended = {.error = errno};
        close(channel);
        if (process > 0) ended = wait_for(process);
        if (write(TALKOOT_FD_CONTROL, &ended, sizeof ended) != (ssize_t)sizeof ended) _exit(1);
    }
}
