#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "talkoot_system.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* The last place in the queue for the processor. */
#define NICENESS 19

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec * 1e-6; }

int talkoot_reap(int pidfd, int milliseconds, talkoot_ending *ending) {
    struct pollfd waiting = {.fd = pidfd, .events = POLLIN};
    int count = milliseconds < 0 ? 1 : poll(&waiting, 1, milliseconds);
    if (count == 0) return -ETIMEDOUT;
    if (count < 0) return errno == EINTR ? -ETIMEDOUT : -errno;
    siginfo_t how = {0};
    struct rusage usage = {0};
    /* glibc's waitid does not hand out the usage. */
    while (syscall(SYS_waitid, P_PIDFD, pidfd, &how, WEXITED, &usage) != 0)
        if (errno != EINTR) return -errno;
    ending->code = how.si_code;
    ending->status = how.si_status;
    ending->processor_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    return 0;
}

int talkoot_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 ? 0 : -errno;
}

double talkoot_processor_seconds(pid_t process) {
    /* As clock_getcpuclockid makes it, which asks the kernel once more whether there is such a process. */
    const clockid_t clock = (clockid_t)(~(unsigned)process << 3 | 2);
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return -1;
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int talkoot_step_back(pid_t process) { return setpriority(PRIO_PGRP, (id_t)process, NICENESS) == 0 ? 0 : -errno; }

uint64_t talkoot_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
