/* The file system, and the descriptors a cell starts with. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char buffer[4096];
static struct { unsigned bytes; int type; char handle[128]; } file_handle = {.bytes = 128};
static const struct open_how reading = {.flags = O_RDONLY};
static int pair[2];
static const struct iovec pages = {buffer, 1};

static const char passwords[] = "/etc/passwd", temporary[] = "/tmp", root[] = "/", mine[] = "/proc/self/exe";

const struct hostile_call hostile_file_calls[] = {
    {"open-bare", SYS_openat, {AT_FDCWD, PLACE(passwords), O_RDONLY}},
    {"open-high-bits", SYS_openat | 1L << 32, {AT_FDCWD, PLACE(passwords), O_RDONLY}},
    {"open-how", SYS_openat2, {AT_FDCWD, PLACE(passwords), PLACE(&reading), sizeof reading}},
    {"open-memory", SYS_openat, {AT_FDCWD, PLACE("/proc/self/mem"), O_RDWR}},
    {"open-environment", SYS_openat, {AT_FDCWD, PLACE("/proc/self/environ"), O_RDONLY}},
    {"open-device", SYS_openat, {AT_FDCWD, PLACE("/dev/zero"), O_RDWR}},
    {"open-path-only", SYS_openat, {AT_FDCWD, PLACE(passwords), O_PATH}},
    {"open-root", SYS_openat, {AT_FDCWD, PLACE(root), O_RDONLY | O_DIRECTORY}},
    {"write-temporary", SYS_openat, {AT_FDCWD, PLACE(temporary), O_TMPFILE | O_RDWR, 0600}},
    {"stat", SYS_newfstatat, {AT_FDCWD, PLACE(passwords), PLACE(buffer), 0}},
    {"stat-new", SYS_statx, {AT_FDCWD, PLACE(passwords), 0, STATX_BASIC_STATS, PLACE(buffer)}},
    {"access", SYS_faccessat, {AT_FDCWD, PLACE(passwords), R_OK}},
    {"read-link", SYS_readlinkat, {AT_FDCWD, PLACE(mine), PLACE(buffer), sizeof buffer}},
    {"where-am-i", SYS_getcwd, {PLACE(buffer), sizeof buffer}},
    {"change-directory", SYS_chdir, {PLACE(temporary)}},
    {"change-root", SYS_chroot, {PLACE(temporary)}},
    {"change-mode", SYS_fchmodat, {AT_FDCWD, PLACE(passwords), 0777}},
    {"file-handle", SYS_name_to_handle_at, {AT_FDCWD, PLACE(passwords), PLACE(&file_handle), PLACE(buffer), 0}},
    {"open-handle", SYS_open_by_handle_at, {AT_FDCWD, PLACE(&file_handle), O_RDONLY}},
    {"mount", SYS_mount, {PLACE("none"), PLACE(temporary), PLACE("tmpfs"), 0, 0}},
    {"unmount", SYS_umount2, {PLACE(temporary), MNT_DETACH}},
    {"pivot-root", SYS_pivot_root, {PLACE(root), PLACE(root)}},
    {"open-tree", SYS_open_tree, {AT_FDCWD, PLACE(root), 0}},
    {"new-file-system", SYS_fsopen, {PLACE("tmpfs"), 0}},
    {"watch-files", SYS_inotify_init1, {0}},
    {"memory-file", SYS_memfd_create, {PLACE("hostile"), 0}},
    {"pipe", SYS_pipe2, {PLACE(pair), 0}},
    {"module-write", SYS_pwrite64, {4, PLACE(buffer), 1, 0}},
    {"memory-resize", SYS_ftruncate, {7, 0}},
    {"descriptor-copy", SYS_dup, {3}},
    {"descriptor-over", SYS_dup3, {1, 5, 0}},
    {"descriptor-close", SYS_close, {3}},
    {"descriptor-close-all", SYS_close_range, {0, ~0u, 0}},
    {"descriptor-owner", SYS_fcntl, {3, F_SETOWN, 1}},
    {"descriptor-splice", SYS_vmsplice, {1, PLACE(&pages), 1, 0}},
#ifdef SYS_open
    {"open-old", SYS_open, {PLACE(passwords), O_RDONLY}},
    {"stat-old", SYS_stat, {PLACE(passwords), PLACE(buffer)}},
    {"access-old", SYS_access, {PLACE(passwords), R_OK}},
    {"read-link-old", SYS_readlink, {PLACE(mine), PLACE(buffer), sizeof buffer}},
#endif
    {0},
};

static long open_by_libc(void) {
    FILE *file = fopen(passwords, "r");
    return file == NULL ? -errno : fgetc(file);
}

static long make_directory(void) {
    long result = call3(SYS_mkdirat, AT_FDCWD, PLACE("/tmp/talkoot-hostile"), 0700);
    if (result == 0) call3(SYS_unlinkat, AT_FDCWD, PLACE("/tmp/talkoot-hostile"), AT_REMOVEDIR);
    return result;
}

/* Anything open besides the null device, the log pipe twice, the agent's calls and the answers' pipe is a leak. */
static long find_descriptors(void) {
    struct stat status;
    for (long file = 0; file < 1024; file++) {
        const int is_open = call3(SYS_fstat, file, PLACE(&status), 0) == 0;
        if (is_open && file > 3 && file != 5) return file;
    }
    return -EBADF;
}

/* Three fixed variables are all that a cell is given. */
static long find_environment(void) {
    static const char *const known[] = {"LC_ALL=C", "SWIFT_BACKTRACE=enable=no", "SWIFT_DETERMINISTIC_HASHING=1"};
    for (char **entry = environ; *entry != NULL; entry++) {
        size_t i = 0;
        while (i < 3 && strcmp(*entry, known[i]) != 0) i++;
        if (i == 3) return 1;
    }
    return -ENOENT;
}

/* Until the pipe is full: nobody has to read it. */
static long flood_log(void) {
    for (int i = 0; i < 100000; i++) {
        long result = call3(SYS_write, 1, PLACE(buffer), sizeof buffer);
        if (result < 0) return result;
    }
    return 0;
}

const struct hostile_steps hostile_file_steps[] = {
    {"open-libc", open_by_libc},
    {"make-directory", make_directory},
    {"descriptors-left", find_descriptors},
    {"environment-left", find_environment},
    {"log-flood", flood_log},
    {0},
};
