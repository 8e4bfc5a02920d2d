/* Other processes: making, tracing, signalling them, and taking on more rights. No signal is really sent: 0 asks whether it could be. */
#include "hostile.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char word[8];
static char *const no_words[] = {NULL};
static const char program[] = "/bin/true";
static struct iovec here = {word, sizeof word}, there = {word, sizeof word};
static const struct rlimit everything = {RLIM_INFINITY, RLIM_INFINITY};
static struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
static const struct __user_cap_data_struct all_capabilities[2] = {{~0u, ~0u, ~0u}, {~0u, ~0u, ~0u}};
static const unsigned long processors[16] = {1};
static struct sock_filter permitting[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
static const struct sock_fprog permissive = {1, permitting};
static struct sock_filter killing[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};
static const struct sock_fprog deadly = {1, killing};

const struct hostile_call hostile_process_calls[] = {
    {"execute", SYS_execve, {PLACE(program), PLACE(no_words), PLACE(no_words)}},
    {"execute-at", SYS_execveat, {AT_FDCWD, PLACE(program), PLACE(no_words), PLACE(no_words), 0}},
    {"execute-module", SYS_execveat, {4, PLACE(""), PLACE(no_words), PLACE(no_words), AT_EMPTY_PATH}},
    {"trace-me", SYS_ptrace, {PTRACE_TRACEME}},
    {"trace-first", SYS_ptrace, {PTRACE_SEIZE, 1}},
    {"signal-all", SYS_kill, {-1, 0}},
    {"signal-first", SYS_kill, {1, 0}},
    {"signal-thread", SYS_tkill, {1, 0}},
    {"signal-other-thread", SYS_tgkill, {2, 2, 0}},
    {"process-handle", SYS_pidfd_open, {1, 0}},
    {"process-handle-copy", SYS_pidfd_getfd, {4, 0, 0}},
    {"process-handle-signal", SYS_pidfd_send_signal, {4, 0, 0, 0}},
    {"new-session", SYS_setsid, {0}},
    {"new-group", SYS_setpgid, {0, 0}},
    {"unshare-user", SYS_unshare, {CLONE_NEWUSER}},
    {"enter-namespace", SYS_setns, {4, 0}},
    {"become-root", SYS_setuid, {0}},
    {"become-root-group", SYS_setresgid, {0, 0, 0}},
    {"take-groups", SYS_setgroups, {0, 0}},
    {"take-capabilities", SYS_capset, {PLACE(&header), PLACE(all_capabilities)}},
    {"who-am-i", SYS_getuid, {0}},
    {"dumpable", SYS_prctl, {PR_SET_DUMPABLE, 1, 0, 0, 0}},
    {"outlive-parent", SYS_prctl, {PR_SET_PDEATHSIG, 0, 0, 0, 0}},
    {"own-reaper", SYS_prctl, {PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0}},
    {"read-implies-execute", SYS_personality, {READ_IMPLIES_EXEC}},
    {"raise-limit", SYS_prlimit64, {0, RLIMIT_DATA, PLACE(&everything), 0}},
    {"choose-processor", SYS_sched_setaffinity, {0, sizeof processors, PLACE(processors)}},
    {"real-time", SYS_sched_setscheduler, {0, 1, PLACE(&(const int){1})}},
    {"disk-priority", SYS_ioprio_set, {1, 0, 2 << 13}},
    {"filter-listen", SYS_seccomp, {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, PLACE(&permissive)}},
    {"filter-of-one-thread", SYS_seccomp, {SECCOMP_SET_MODE_FILTER, 0, PLACE(&permissive)}},
    {"filter-by-prctl", SYS_prctl, {PR_SET_SECCOMP, 2, PLACE(&permissive), 0, 0}},
    {"filter-kills-all", SYS_seccomp, {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, PLACE(&deadly)}},
#ifdef SYS_vfork
    {"fork-old", SYS_fork, {0}},
    {"vfork", SYS_vfork, {0}},
#endif
    {0},
};

/* A child that exists has done its work. */
static long leave_child(long result) {
    if (result == 0) call3(SYS_exit_group, 0, 0, 0);
    return result;
}

static long copy_process(void) { return leave_child(call3(SYS_clone, SIGCHLD, 0, 0)); }

static long copy_into_namespace(void) {
    struct clone_args arguments = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    return leave_child(call3(SYS_clone3, PLACE(&arguments), sizeof arguments, 0));
}

static long fork_by_libc(void) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    return child;
}

static long signal_parent(void) {
    const long parent = call3(SYS_getppid, 0, 0, 0);
    return call3(SYS_kill, parent, 0, 0);
}

static long trace_parent(void) {
    const long parent = call3(SYS_getppid, 0, 0, 0);
    return call6(SYS_ptrace, PTRACE_SEIZE, parent, 0, 0, 0, 0);
}

static long read_memory(void) { return call6(SYS_process_vm_readv, getpid(), PLACE(&here), 1, PLACE(&there), 1, 0); }

static long write_memory(void) { return call6(SYS_process_vm_writev, getpid(), PLACE(&here), 1, PLACE(&there), 1, 0); }

static void ignore(int signal) { (void)signal; }

/* The call must not have been made, whatever its result looks like. */
static long replace_trap(void) {
    struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_NODEFER};
    char status[512];
    sigaction(SIGSYS, &action, NULL);
    call6(SYS_openat, AT_FDCWD, PLACE("/etc/passwd"), O_RDONLY, 0, 0, 0);
    return call3(SYS_fstat, 4, PLACE(status), 0);
}

const struct hostile_steps hostile_process_steps[] = {
    {"copy-process", copy_process},
    {"copy-into-namespace", copy_into_namespace},
    {"fork-libc", fork_by_libc},
    {"signal-parent", signal_parent},
    {"trace-parent", trace_parent},
    {"read-memory", read_memory},
    {"write-memory", write_memory},
    {"replace-trap", replace_trap},
    {0},
};
