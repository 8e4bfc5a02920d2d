/* System call filters, and the few calls that are answered instead of made. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "cell.h"

#if defined(__x86_64__)
#define ARGUMENT(context, n) ((uint64_t)(context)->uc_mcontext.gregs[(const int[]){REG_RDI, REG_RSI, REG_RDX, REG_R10}[n]])
#define RESULT(context) ((context)->uc_mcontext.gregs[REG_RAX])
#define INSTRUCTION(context) ((uintptr_t)(context)->uc_mcontext.gregs[REG_RIP])
#define STACK(context) ((uintptr_t)(context)->uc_mcontext.gregs[REG_RSP])
#elif defined(__aarch64__)
#define ARGUMENT(context, n) ((context)->uc_mcontext.regs[n])
#define RESULT(context) ((context)->uc_mcontext.regs[0])
#define INSTRUCTION(context) ((uintptr_t)(context)->uc_mcontext.pc)
#define STACK(context) ((uintptr_t)(context)->uc_mcontext.sp)
#else
#error "the cell knows x86-64 and aarch64"
#endif

/* SYS_SECCOMP of the kernel's headers, which clash with libc's. */
#define STOPPED_BY_FILTER 1

/* ld.so asks for the module by this name and gets the descriptor that is open already. Every other name does not exist. */
static long answer_open(const char *path) {
    return cell.is_loading && strcmp(path, "/module.so") == 0 ? TALKOOT_FD_MODULE : -ENOENT;
}

/* glibc's fstat is newfstatat with an empty path. */
static long answer_stat(int file, const char *path, struct stat *result, int flags) {
    if (path == NULL || path[0] != '\0' || !(flags & AT_EMPTY_PATH)) return -ENOENT;
    return syscall(SYS_fstat, file, result) == 0 ? 0 : -errno;
}

/* A blocked SIGSYS would kill without a word, so it never is. The mask holds when the handler returns. */
static long answer_mask(sigset_t *current, int how, const uint64_t *wanted, uint64_t *before, size_t size) {
    uint64_t mask, set = 0;
    if (size != sizeof mask) return -EINVAL;
    memcpy(&mask, current, sizeof mask);
    if (wanted != NULL) memcpy(&set, wanted, sizeof set);
    if (before != NULL) memcpy(before, &mask, sizeof mask);
    if (wanted == NULL) return 0;
    switch (how) {
    case SIG_BLOCK: mask |= set; break;
    case SIG_UNBLOCK: mask &= ~set; break;
    case SIG_SETMASK: mask = set; break;
    default: return -EINVAL;
    }
    mask &= ~((uint64_t)1 << (SIGSYS - 1));
    memcpy(current, &mask, sizeof mask);
    return 0;
}

/* The answer to a call that honest code needs, if the policy has one. */
static uint32_t answer(int number, ucontext_t *context) {
    switch (number) {
    case SYS_openat:
        RESULT(context) = answer_open((const char *)ARGUMENT(context, 1));
        return TALKOOT_ANSWER_OPEN;
    case SYS_newfstatat:
        RESULT(context) = answer_stat((int)ARGUMENT(context, 0), (const char *)ARGUMENT(context, 1),
                                      (struct stat *)ARGUMENT(context, 2), (int)ARGUMENT(context, 3));
        return TALKOOT_ANSWER_STAT;
    case SYS_close: /* only the module's descriptor may be closed */
        RESULT(context) = -EBADF;
        return TALKOOT_ANSWER_CLOSE;
    case SYS_rt_sigprocmask:
        RESULT(context) = answer_mask(&context->uc_sigmask, (int)ARGUMENT(context, 0), (const uint64_t *)ARGUMENT(context, 1),
                                      (uint64_t *)ARGUMENT(context, 2), (size_t)ARGUMENT(context, 3));
        return TALKOOT_ANSWER_MASK;
    default:
        return 0;
    }
}

/* A call that the filter stopped: answered when the policy says so, reported and the end otherwise. */
static void on_trap(int signal, siginfo_t *info, void *raw) {
    if (info->si_code != STOPPED_BY_FILTER) faults_end(signal, info, raw); /* the module's own raise */
    ucontext_t *context = raw;
    const int saved = errno;
    if ((answer(info->si_syscall, context) & cell.configuration->answers) == 0) {
        cell.status->system_call = info->si_syscall;
        cell.status->place = faults_place(INSTRUCTION(context), STACK(context));
        cell.status->death = TALKOOT_DEATH_FORBIDDEN;
        _exit(TALKOOT_EXIT_FORBIDDEN);
    }
    errno = saved;
}

int filter_handle_traps(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    return sigaction(SIGSYS, &action, NULL) == 0 ? 0 : errno;
}

/* For all threads at once. The program was made for any process; it learns its own number here. */
int filter_load(talkoot_wire_filter filter) {
    struct sock_filter *program = malloc(filter.count * sizeof *program);
    if (program == NULL) return ENOMEM;
    memcpy(program, (const char *)cell.configuration + filter.offset, filter.count * sizeof *program);
    for (uint32_t i = 0; i < filter.count; i++)
        if (BPF_CLASS(program[i].code) == BPF_JMP && program[i].k == TALKOOT_FILTER_OWN_PROCESS) program[i].k = (uint32_t)getpid();
    const struct sock_fprog description = {.len = (unsigned short)filter.count, .filter = program};
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &description);
    int error = result == 0 ? 0 : result > 0 ? EBUSY : errno;
    free(program);
    return error;
}
