/* Where all cells of a zygote are born: a user without rights, a host without a name, a network without devices, a root without files.
 * Each cell gets copies of its own of all but the network. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cell.h"

static int code(int result) { return result == 0 ? 0 : errno; }

/* The directory of /proc, which cells of an ordinary user still need when there are no files any more. */
static int processes = -1;

static int write_own(const char *name, const char *text) {
    char path[40];
    snprintf(path, sizeof path, "self/%s", name);
    int file = openat(processes, path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno;
    const ssize_t size = (ssize_t)strlen(text), written = write(file, text, (size_t)size);
    int error = written == size ? 0 : errno;
    close(file);
    return error;
}

/* Root inside is `user` outside. */
static int map(uid_t user, gid_t group) {
    char line[32];
    int error = write_own("setgroups", "deny");
    if (error != 0 && error != ENOENT && error != EPERM) return error; /* EPERM: denied further out already */
    snprintf(line, sizeof line, "0 %u 1", user);
    error = write_own("uid_map", line);
    if (error != 0) return error;
    snprintf(line, sizeof line, "0 %u 1", group);
    return write_own("gid_map", line);
}

int enclosure_map_user(void) { return map(0, 0); }

static int enter_user_namespace(uint32_t *step) {
    const uid_t user = geteuid();
    const gid_t group = getegid();
    *step = TALKOOT_STEP_CLONE;
    if (syscall(SYS_unshare, CLONE_NEWUSER) != 0) return errno;
    *step = TALKOOT_STEP_USER_MAP;
    return map(user, group);
}

/* An empty file system of one page and two inodes; size=0 would mean without limit. */
static int mount_empty_root(void) {
    static const char *const places[] = {"/tmp", "/proc", "/dev"};
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return errno;
    int error = ENOENT;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (mount("empty", places[i], "tmpfs", flags, "size=4k,nr_inodes=2,mode=0555") != 0) {
            error = errno;
            continue;
        }
        return code(chdir(places[i]));
    }
    return error;
}

/* The old root is stacked on the new one, unmounted, and gone. */
static int enter_empty_root(void) {
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY | MS_REMOUNT | MS_BIND;
    if (syscall(SYS_pivot_root, ".", ".") != 0) return errno;
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) return errno;
    return code(mount(NULL, "/", NULL, flags, NULL));
}

static int enter_namespaces(uint32_t *step) {
    *step = TALKOOT_STEP_CLONE;
    if (syscall(SYS_unshare, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS) != 0) return errno;
    *step = TALKOOT_STEP_HOST_NAME;
    if (sethostname("cell", 4) != 0) return errno;
    *step = TALKOOT_STEP_MOUNT;
    int error = mount_empty_root();
    if (error != 0) return error;
    *step = TALKOOT_STEP_PIVOT;
    return enter_empty_root();
}

int enclosure_enter(uint32_t layers, uint32_t *step) {
    *step = TALKOOT_STEP_LIMITS;
    processes = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (processes < 0) return errno;
    /* First choice of the kernel when memory runs out. */
    int error = layers & TALKOOT_LAYER_LIMITS ? write_own("oom_score_adj", "1000") : 0;
    if (error != 0) return error;
    const bool is_root = geteuid() == 0;
    if (layers & TALKOOT_LAYER_USER_NAMESPACE) {
        error = enter_user_namespace(step);
        if (error != 0) return error;
    }
    if (layers & TALKOOT_LAYER_NAMESPACES) error = enter_namespaces(step);
    if (error == 0 && is_root) confine_bounding_set();
    return error;
}
