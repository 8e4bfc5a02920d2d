#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Handlers of the parent would run in this process on shared memory, and what it ignores stays ignored past exec. */
static void reset_signals(void) {
    struct sigaction plain;
    memset(&plain, 0, sizeof plain);
    plain.sa_handler = SIG_DFL;
    for (int number = 1; number < _NSIG; number++) sigaction(number, &plain, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int write_file(const char *path, const char *text, size_t size) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno;
    ssize_t written = write(file, text, size);
    int error = errno;
    close(file);
    return written == (ssize_t)size ? 0 : error;
}

/* "0 ID 1": root inside is the caller outside. */
static int write_map(const char *path, unsigned long outside) {
    char digits[24], line[40] = "0 ";
    size_t count = 0, length = 2;
    do digits[count++] = (char)('0' + outside % 10); while ((outside /= 10) != 0);
    while (count > 0) line[length++] = digits[--count];
    line[length++] = ' ';
    line[length++] = '1';
    return write_file(path, line, length);
}

static int map_user(const talkoot_child *child) {
    int error = write_file("/proc/self/setgroups", "deny", 4);
    if (error != 0 && error != ENOENT) return error;
    error = write_map("/proc/self/uid_map", child->user);
    return error != 0 ? error : write_map("/proc/self/gid_map", child->group);
}

/* First away from the low numbers, then into place: a source may be where another one goes. */
static int place_descriptors(const talkoot_spawn *spawn) {
    int lifted[TALKOOT_FD_COUNT];
    for (int i = 0; i < TALKOOT_FD_COUNT; i++) {
        lifted[i] = fcntl(spawn->descriptors[i], F_DUPFD, TALKOOT_FD_COUNT);
        if (lifted[i] < 0) return errno;
    }
    for (int i = 0; i < TALKOOT_FD_COUNT; i++)
        if (dup2(lifted[i], i) < 0) return errno;
    return syscall(SYS_close_range, TALKOOT_FD_COUNT, ~0u, 0) == 0 ? 0 : errno;
}

static int limit_stack(uint64_t bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0) return errno;
    limit.rlim_cur = limit.rlim_max != RLIM_INFINITY && limit.rlim_max < bytes ? limit.rlim_max : bytes;
    limit.rlim_max = limit.rlim_cur;
    return setrlimit(RLIMIT_STACK, &limit) == 0 ? 0 : errno;
}

static _Noreturn void give_up(talkoot_child *child, uint32_t step, int error) {
    child->step = step;
    child->error = error;
    _exit(127);
}

int talkoot_child_main(void *argument) {
    talkoot_child *child = argument;
    reset_signals();
    if (child->spawn->layers & TALKOOT_LAYER_USER_NAMESPACE) {
        int error = map_user(child);
        if (error != 0) give_up(child, TALKOOT_STEP_USER_MAP, error);
    }
    int error = place_descriptors(child->spawn);
    if (error == 0) error = limit_stack(child->spawn->stack_bytes);
    if (error != 0) give_up(child, TALKOOT_STEP_DESCRIPTORS, error);
    static char *const arguments[] = {"talkoot-cell", NULL};
    /* Swift modules: no crash reporter, the same order of hashed collections everywhere. */
    static char *const environment[] = {"LC_ALL=C", "SWIFT_BACKTRACE=enable=no", "SWIFT_DETERMINISTIC_HASHING=1", NULL};
    execve(child->spawn->path, arguments, environment);
    give_up(child, TALKOOT_STEP_EXECUTE, errno);
}
