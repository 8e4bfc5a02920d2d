/* Interfaces of the kernel that no computation needs and that have had bugs. */
#include "hostile.h"

#include <linux/io_uring.h>
#include <linux/kcmp.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>

static char buffer[4096];
static int number;
static struct io_uring_params ring;
static struct perf_event_attr event = {.size = sizeof event};
static struct timex clock_state;
static timer_t timer;
static const struct timespec year_2000 = {946684800, 0};
static struct futex_waiter { unsigned word; } waiter;
static struct { uint64_t rights[3]; } ruleset = {{1, 0, 0}};

const struct hostile_call hostile_kernel_calls[] = {
    {"ring-setup", SYS_io_uring_setup, {1, PLACE(&ring)}},
    {"ring-enter", SYS_io_uring_enter, {4, 1, 0, 0, 0, 0}},
    {"ring-register", SYS_io_uring_register, {4, 0, 0, 0}},
    {"fault-handler", SYS_userfaultfd, {0}},
    {"kernel-program", SYS_bpf, {0, PLACE(buffer), 64}},
    {"performance-events", SYS_perf_event_open, {PLACE(&event), 0, -1, -1, 0}},
    {"keyring-of-session", SYS_keyctl, {KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0}},
    {"key-add", SYS_add_key, {PLACE("user"), PLACE("hostile"), PLACE(buffer), 1, KEY_SPEC_PROCESS_KEYRING}},
    {"key-request", SYS_request_key, {PLACE("user"), PLACE("hostile"), 0, KEY_SPEC_PROCESS_KEYRING}},
    {"module-load", SYS_init_module, {PLACE(buffer), 64, PLACE("")}},
    {"module-load-file", SYS_finit_module, {4, PLACE(""), 0}},
    {"module-unload", SYS_delete_module, {PLACE("hostile"), 0}},
    {"kernel-load", SYS_kexec_load, {0, 0, 0, 0}},
    {"restart-machine", SYS_reboot, {0, 0, 0, 0}},
    {"kernel-log", SYS_syslog, {3, PLACE(buffer), sizeof buffer}},
    {"machine-facts", SYS_sysinfo, {PLACE(buffer)}},
    {"machine-name", SYS_uname, {PLACE(buffer)}},
    {"rename-machine", SYS_sethostname, {PLACE("hostile"), 7}},
    {"set-clock", SYS_clock_settime, {CLOCK_REALTIME, PLACE(&year_2000)}},
    {"adjust-clock", SYS_adjtimex, {PLACE(&clock_state)}},
    {"swap", SYS_swapon, {PLACE("/dev/zero"), 0}},
    {"accounting", SYS_acct, {PLACE("/tmp/hostile")}},
    {"quota", SYS_quotactl, {0, 0, 0, 0}},
    {"compare-processes", SYS_kcmp, {1, 1, KCMP_FILES, 0, 0}},
    {"landlock-rules", SYS_landlock_create_ruleset, {PLACE(&ruleset), 8, 0}},
    {"timer", SYS_timer_create, {CLOCK_MONOTONIC, 0, PLACE(&timer)}},
    {"timer-file", SYS_timerfd_create, {CLOCK_MONOTONIC, 0}},
    {"signal-file", SYS_signalfd4, {-1, PLACE(buffer), 8, 0}},
    {"event-file", SYS_eventfd2, {0, 0}},
    {"event-poll", SYS_epoll_create1, {0}},
    {"terminal-input", SYS_ioctl, {0, TIOCSTI, PLACE("x")}},
    {"pipe-fill", SYS_ioctl, {1, FIONREAD, PLACE(&number)}},
    {"pipe-fill-high-bits", SYS_ioctl, {1, FIONREAD | 1L << 32, PLACE(&number)}},
    {"lock-with-priority", SYS_futex, {PLACE(&waiter.word), 6, 0, 0, 0, 0}},
    {"memory-barrier", SYS_membarrier, {0, 0, 0}},
    {"usage-of-others", SYS_getrusage, {RUSAGE_CHILDREN, PLACE(buffer)}},
    {"unknown-call", 9999, {0}},
    {"newest-call", 467, {0}},
#if defined(__x86_64__)
    {"segments", SYS_modify_ldt, {0, PLACE(buffer), 64}},
    {"ports", SYS_iopl, {3}},
    {"ports-some", SYS_ioperm, {0, 8, 1}},
    {"thread-base", SYS_arch_prctl, {0x1003, PLACE(buffer)}},
#endif
    {0},
};

static long share_memory(void) {
    const long memory = call3(SYS_shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    if (memory >= 0) call3(SYS_shmctl, memory, IPC_RMID, 0);
    return memory;
}

static long share_semaphores(void) {
    const long semaphores = call3(SYS_semget, IPC_PRIVATE, 1, IPC_CREAT | 0600);
    if (semaphores >= 0) call3(SYS_semctl, semaphores, 0, IPC_RMID);
    return semaphores;
}

static long share_messages(void) {
    const long queue = call3(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600, 0);
    if (queue >= 0) call3(SYS_msgctl, queue, IPC_RMID, 0);
    return queue;
}

static long open_queue(void) {
    const long queue = call6(SYS_mq_open, PLACE("talkoot-hostile"), 0102, 0600, 0, 0, 0);
    if (queue >= 0) call3(SYS_mq_unlink, PLACE("talkoot-hostile"), 0, 0);
    return queue;
}

const struct hostile_steps hostile_kernel_steps[] = {
    {"shared-memory", share_memory},
    {"shared-semaphores", share_semaphores},
    {"shared-messages", share_messages},
    {"message-queue", open_queue},
    {0},
};
