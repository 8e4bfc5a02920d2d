#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Above the descriptors of a zygote: 0 to 3. */
#define FIRST_FREE (TALKOOT_FD_ZYGOTE + 1)

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

/* The socket as 3, nothing behind 0 to 2, and nothing else. */
static int place_descriptors(int socket) {
    const int control = fcntl(socket, F_DUPFD, FIRST_FREE);
    if (control < 0 || dup2(control, TALKOOT_FD_ZYGOTE) < 0) return errno;
    const int null = open("/dev/null", O_RDWR);
    if (null < 0) return errno;
    for (int i = 0; i < TALKOOT_FD_ZYGOTE; i++)
        if (dup2(null, i) < 0) return errno;
    return syscall(SYS_close_range, FIRST_FREE, ~0u, 0) == 0 ? 0 : errno;
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
    int error = place_descriptors(child->socket);
    if (error == 0) error = limit_stack(child->stack_bytes);
    if (error != 0) give_up(child, TALKOOT_STEP_DESCRIPTORS, error);
    static char *const arguments[] = {"talkoot-cell", NULL};
    /* Comfort of a test: where it is refused, addresses stay random. */
    if (child->is_still) personality(ADDR_NO_RANDOMIZE);
    execve(child->path, arguments, child->variables);
    give_up(child, TALKOOT_STEP_EXECUTE, errno);
}
