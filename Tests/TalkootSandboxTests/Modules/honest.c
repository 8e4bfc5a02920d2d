/*
 * Honest code, a case for each element of the system call policy that a running module needs: each makes its call as libc does or,
 * where libc has no function for it or makes it only on other kernels, by number. A case says whether it got what the policy
 * promises. The test takes the element away and expects that the case is no longer content.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "talkoot.h"

#define PAGE 4096

static char zeros[64 * PAGE]; /* ld.so maps it anonymous and fixed */
static volatile sig_atomic_t signals;
static int word;

static bool refused(long result, int error) { return result == -1 && errno == error; }
static void count(int signal) { signals += signal != 0; }
static void *nothing(void *none) { return none; }
static void *memory(int protection, int flags) { return mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0); }

/* A page of its own, written to, for advice. */
static bool advises(int advice) {
    char *page = memory(PROT_READ | PROT_WRITE, 0);
    *page = 1;
    return madvise(page, PAGE, advice) == 0 || errno == EINVAL; /* a kernel without huge pages */
}

static bool threads(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static long futex(int operation, int value) { return syscall(SYS_futex, &word, operation, value, NULL, NULL, FUTEX_BITSET_MATCH_ANY); }

static bool waits(int operation) { return refused(futex(operation, word + 1), EAGAIN); }

static bool raises(void) {
    signals = 0;
    return signal(SIGUSR1, count) != SIG_ERR && raise(SIGUSR1) == 0 && signals == 1;
}

static bool sets_mask(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    return pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 && pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0;
}

static bool has_priority_mutex(void) {
    pthread_mutex_t mutex;
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setprotocol(&kind, PTHREAD_PRIO_INHERIT);
    return pthread_mutex_init(&mutex, &kind) == ENOTSUP;
}

static bool keeps_traps(void) {
    struct sigaction action = {.sa_handler = count};
    return refused(sigaction(SIGSYS, &action, NULL), EINVAL);
}

/* Which case a unit asks for: the number in the order below. With no host to write to it is one of them, else names are listed. */
static uint64_t wanted, passed;
static const talkoot_host *listing;

static bool is_wanted(const char *name) {
    if (listing == NULL) return passed++ == wanted;
    listing->write(listing, name, strlen(name));
    listing->write(listing, "\n", 1);
    return false;
}

#define CASE(name, content) \
    if (is_wanted(name)) return (content)

static bool own_memory(void) {
    CASE("munmap", munmap(memory(PROT_READ, 0), PAGE) == 0);
    CASE("brk", sbrk(PAGE) != (void *)-1);
    CASE("mremap", mremap(memory(PROT_READ, 0), PAGE, 2 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED);
    CASE("mmap#1", memset(malloc(1 << 20), 1, 1 << 20) != NULL);
    CASE("mmap#1 PROT_READ", memory(PROT_READ, 0) != MAP_FAILED);
    CASE("mmap#1 PROT_WRITE", memory(PROT_WRITE, 0) != MAP_FAILED);
    CASE("mmap#1 MAP_FIXED", zeros[sizeof zeros - 1] == 0);
    CASE("mmap#1 MAP_NORESERVE", memory(PROT_NONE, MAP_NORESERVE) != MAP_FAILED);
    CASE("mmap#1 MAP_STACK", threads());
    CASE("mmap#4", mmap(NULL, PAGE, PROT_READ | PROT_WRITE, 0x8 | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    CASE("mprotect", mprotect(memory(PROT_READ, 0), PAGE, PROT_NONE) == 0);
    CASE("mprotect PROT_READ", mprotect(memory(PROT_NONE, 0), PAGE, PROT_READ) == 0);
    CASE("mprotect PROT_WRITE", mprotect(memory(PROT_NONE, 0), PAGE, PROT_WRITE) == 0);
    CASE("madvise#1", posix_madvise(memory(PROT_READ, 0), PAGE, POSIX_MADV_NORMAL) == 0);
    CASE("madvise#1 MADV_NORMAL", advises(MADV_NORMAL));
    CASE("madvise#1 MADV_RANDOM", advises(MADV_RANDOM));
    CASE("madvise#1 MADV_SEQUENTIAL", advises(MADV_SEQUENTIAL));
    CASE("madvise#1 MADV_WILLNEED", advises(MADV_WILLNEED));
    CASE("madvise#1 MADV_DONTNEED", advises(MADV_DONTNEED));
    CASE("madvise#1 MADV_FREE", advises(MADV_FREE));
    CASE("madvise#1 MADV_HUGEPAGE", advises(MADV_HUGEPAGE));
    CASE("madvise#1 MADV_NOHUGEPAGE", advises(MADV_NOHUGEPAGE));
    CASE("madvise#1 MADV_DONTDUMP", advises(MADV_DONTDUMP));
    CASE("madvise#2", refused(madvise(memory(PROT_READ, 0), PAGE, 102), EINVAL));
    return false;
}

static bool waiting_and_threads(void) {
    CASE("sched_yield", sched_yield() == 0);
    CASE("nanosleep", syscall(SYS_nanosleep, &(struct timespec){.tv_nsec = 1}, NULL) == 0);
    CASE("clock_nanosleep", nanosleep(&(struct timespec){.tv_nsec = 1}, NULL) == 0);
    CASE("restart_syscall", refused(syscall(SYS_restart_syscall), EINTR));
    CASE("futex#1", waits(FUTEX_WAIT));
    CASE("futex#1 FUTEX_WAIT", waits(FUTEX_WAIT));
    CASE("futex#1 FUTEX_WAKE", futex(FUTEX_WAKE, 1) == 0);
    CASE("futex#1 FUTEX_WAIT_BITSET", waits(FUTEX_WAIT_BITSET));
    CASE("futex#1 FUTEX_WAKE_BITSET", futex(FUTEX_WAKE_BITSET, 1) == 0);
    CASE("futex#1 FUTEX_PRIVATE_FLAG", futex(FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1) == 0);
    CASE("futex#1 FUTEX_CLOCK_REALTIME", waits(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME));
    CASE("futex#2", has_priority_mutex());
    CASE("futex#2 FUTEX_LOCK_PI", refused(futex(FUTEX_LOCK_PI, 0), ENOSYS));
    CASE("futex#2 FUTEX_UNLOCK_PI", refused(futex(FUTEX_UNLOCK_PI, 0), ENOSYS));
    CASE("futex#2 FUTEX_PRIVATE_FLAG", refused(futex(FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0), ENOSYS));
    CASE("clone", threads());
    CASE("clone3", threads());
    CASE("set_robust_list", threads());
    CASE("rseq", threads());
    CASE("exit", threads());
    CASE("prctl", pthread_setname_np(pthread_self(), "honest") == 0);
    CASE("setpriority", setpriority(PRIO_PROCESS, 0, 5) == 0);
    return false;
}

static bool signals_and_ends(void) {
    CASE("rt_sigreturn", raises());
    CASE("sigaltstack", sigaltstack(NULL, &(stack_t){0}) == 0);
    CASE("rt_sigaction#1", signal(SIGUSR2, count) != SIG_ERR);
    CASE("rt_sigaction#2", keeps_traps());
    CASE("rt_sigprocmask", sets_mask());
    CASE("tgkill", raises());
    CASE("exit_group", (_exit(7), false));
    CASE("writev", (free(zeros + 8), false)); /* libc says "invalid pointer", then aborts */
    return false;
}

static bool facts(void) {
    CASE("getpid", getpid() > 0);
    CASE("gettid", gettid() > 0);
    CASE("sched_getaffinity", sysconf(_SC_NPROCESSORS_ONLN) > 0 && sched_getaffinity(0, sizeof(cpu_set_t), &(cpu_set_t){0}) == 0);
    CASE("getcpu", syscall(SYS_getcpu, &(unsigned){0}, NULL, NULL) == 0);
    CASE("fstat", fstat(1, &(struct stat){0}) == 0);
    CASE("newfstatat", fstat(1, &(struct stat){0}) == 0 && refused(stat("/etc/passwd", &(struct stat){0}), ENOENT));
    CASE("clock_gettime", clock() != (clock_t)-1);
    CASE("clock_getres", clock_getres(CLOCK_PROCESS_CPUTIME_ID, &(struct timespec){0}) == 0);
    CASE("gettimeofday", syscall(SYS_gettimeofday, &(struct timeval){0}, NULL) == 0);
#ifdef SYS_time
    CASE("time", syscall(SYS_time, NULL) > 0);
#endif
    CASE("getrandom", getentropy(&(int){0}, sizeof(int)) == 0);
    CASE("write#2", puts("a log") >= 0 && fflush(stdout) == 0);
    CASE("write#2 1", puts("a log") >= 0 && fflush(stdout) == 0);
    CASE("write#2 2", fputs("a log\n", stderr) >= 0);
    CASE("close#2", refused(close(1), EBADF));
    return false;
}

static bool without_files(void) {
    char path[64];
    CASE("openat", fopen("/etc/localtime", "r") == NULL && errno == ENOENT);
    CASE("statx", refused(statx(AT_FDCWD, "/etc/passwd", 0, STATX_BASIC_STATS, &(struct statx){0}), ENOENT));
    CASE("openat2", refused(syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0), ENOSYS));
    CASE("faccessat2", refused(faccessat(AT_FDCWD, "/", R_OK, AT_EACCESS), ENOENT));
#ifdef SYS_open
    CASE("open", refused(syscall(SYS_open, "/proc/sys/vm/overcommit_memory", O_RDONLY), ENOENT)); /* jemalloc */
    CASE("stat", refused(syscall(SYS_stat, "/", NULL), ENOENT));                                  /* libc before 2.33 */
    CASE("lstat", refused(syscall(SYS_lstat, "/", NULL), ENOENT));
    CASE("access", refused(access("/", R_OK), ENOENT));
    CASE("readlink", refused(readlink("/proc/self/exe", path, sizeof path), ENOENT));
#endif
    CASE("faccessat", refused(faccessat(AT_FDCWD, "/", R_OK, 0), ENOENT));
    CASE("readlinkat", refused(readlinkat(AT_FDCWD, "/proc/self/exe", path, sizeof path), ENOENT));
    CASE("getcwd", getcwd(path, sizeof path) == NULL && errno == ENOENT);
    CASE("ioctl", !isatty(1) && errno == ENOTTY);
    CASE("lseek", refused(lseek(1, 0, SEEK_CUR), ESPIPE));
    CASE("fcntl", refused(fcntl(1, F_GETFL), EPERM));
    CASE("memfd_create", refused(memfd_create("", 0), ENOSYS));
    CASE("epoll_create1", refused(epoll_create1(0), EPERM));
    CASE("eventfd2", refused(eventfd(0, 0), EPERM));
    return false;
}

static bool without_rights(void) {
    struct rlimit limit;
    struct rusage usage;
    uid_t id;
    CASE("membarrier", refused(syscall(SYS_membarrier, 0, 0, 0), ENOSYS));
    CASE("userfaultfd", refused(syscall(SYS_userfaultfd, 0), ENOSYS));
    CASE("io_uring_setup", refused(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS));
    CASE("pidfd_open", refused(pidfd_open(getpid(), 0), ENOSYS));
    CASE("prlimit64", refused(getrlimit(RLIMIT_STACK, &limit), EPERM));
    CASE("sysinfo", refused(sysinfo(&(struct sysinfo){0}), EPERM));
    CASE("uname", refused(uname(&(struct utsname){0}), EPERM));
    CASE("getuid", getuid() == (uid_t)-1);
    CASE("geteuid", geteuid() == (uid_t)-1);
    CASE("getgid", getgid() == (gid_t)-1);
    CASE("getegid", getegid() == (gid_t)-1);
    CASE("getresuid", refused(getresuid(&id, &id, &id), EPERM));
    CASE("getresgid", refused(getresgid(&id, &id, &id), EPERM));
    CASE("getrusage", refused(getrusage(RUSAGE_SELF, &usage), EPERM));
    CASE("times", (times(&(struct tms){0}), true));
    CASE("getpriority", refused(getpriority(PRIO_PROCESS, 0), EPERM));
    CASE("mlock", refused(mlock(zeros, PAGE), EPERM));
    CASE("sched_setaffinity", refused(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t){0}), EPERM));
    CASE("sched_getparam", refused(sched_getparam(0, &(struct sched_param){0}), EPERM));
    CASE("sched_getscheduler", refused(sched_getscheduler(0), EPERM));
    CASE("get_mempolicy", refused(syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0), EPERM));
    CASE("mbind", refused(syscall(SYS_mbind, zeros, PAGE, 0, NULL, 0, 0), EPERM));
    return false;
}

static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
    wanted = unit->index;
    passed = 0;
    listing = wanted == UINT32_MAX ? host : NULL;
    const bool is_content = own_memory() || waiting_and_threads() || signals_and_ends() || facts() || without_files() || without_rights();
    if (is_content || listing != NULL) return TALKOOT_OK;
    return host->fail(host, "the call did not do what was promised");
}

static const talkoot_module module = {.abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof module, .run = run};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) {
    (void)host;
    return zeros[0] == 0 ? &module : NULL;
}
