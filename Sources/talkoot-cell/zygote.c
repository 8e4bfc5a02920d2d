/*
 * The zygote: this program, loaded and waiting. Each cell is a copy of it that has run nothing but what is written here, so a cell
 * starts without exec and without the loader's work; nothing that a cell does ever comes back into the zygote.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cell.h"

/* For ld.so: where the kernel writes a thread's number, and the list of locks of a thread that dies. A copy has its own. */
struct thread_places {
    pid_t *number;
    void *locks;
    size_t locks_size;
};

static struct thread_places thread_places(void) {
    struct thread_places places = {0};
#ifdef PR_GET_TID_ADDRESS
    if (prctl(PR_GET_TID_ADDRESS, &places.number, 0, 0, 0) != 0) places.number = NULL;
#endif
    if (syscall(SYS_get_robust_list, 0, &places.locks, &places.locks_size) != 0) places.locks = NULL;
    return places;
}

static unsigned long clone_flags(uint32_t layers, bool has_number) {
    /* A child of the agent, not of the zygote: the agent waits for it, and it dies with the agent's thread. */
    unsigned long flags = CLONE_PARENT;
    if (has_number) flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    /* Not a network: all are born into the zygote's, which is empty. */
    if (layers & TALKOOT_LAYER_NAMESPACES) flags |= CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWCGROUP;
    if (layers & TALKOOT_LAYER_USER_NAMESPACE) flags |= CLONE_NEWUSER;
    return flags;
}

/* A request with everything that came with it. */
struct request {
    talkoot_wire_spawn spawn;
    int descriptors[TALKOOT_WIRE_SPAWN_DESCRIPTORS];
};

static uint32_t descriptor_count(const talkoot_wire_spawn *spawn) { return TALKOOT_FD_COUNT + spawn->groups + 2 * spawn->legacy; }

/* A copy is born where its original is, and a process that moves only itself does not wait for the kernel's lock on all processes:
 * one that is moved by another waits 10 ms. Returns whether it is in all of them. */
static bool enter_groups(const int *tasks, uint32_t count) {
    bool is_inside = true;
    for (uint32_t i = 0; i < count; i++)
        if (write(tasks[i], "0", 1) != 1) is_inside = false;
    return is_inside;
}

/* Into a control group of version 2. Kernels before 5.7 cannot, and filters of containers refuse clone3. */
static pid_t copy_into(int group, unsigned long flags, pid_t *number) {
    const struct clone_args arguments = {
        .flags = flags | CLONE_INTO_CGROUP, .child_tid = (uint64_t)(uintptr_t)number, .cgroup = (uint64_t)group};
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static pid_t copy(unsigned long flags, pid_t *number) {
#if defined(__x86_64__)
    return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, number, 0);
#else
    return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, 0, number);
#endif
}

/* A new cell's process, in its groups as far as they take it. The zygote is back where it was when this returns. */
static pid_t copy_in_groups(const struct request *request, unsigned long flags, pid_t *number, bool *is_outside) {
    const talkoot_wire_spawn *spawn = &request->spawn;
    const int *group = &request->descriptors[TALKOOT_FD_COUNT], *tasks = group + spawn->groups;
    *is_outside = !enter_groups(tasks, spawn->legacy);
    pid_t process = -1;
    if (spawn->groups != 0) {
        process = copy_into(*group, flags, number);
        if (process < 0) *is_outside = true;
    }
    if (process < 0) process = copy(flags, number);
    if (process == 0) return 0;
    const int error = errno;
    enter_groups(tasks + spawn->legacy, spawn->legacy);
    errno = error;
    return process;
}

/* The next request; -1 when there is none to be had any more. */
static int receive(struct request *request) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof request->descriptors)];
    } control;
    talkoot_wire_spawn *spawn = &request->spawn;
    struct iovec part = {.iov_base = spawn, .iov_len = sizeof *spawn};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count;
    do count = recvmsg(TALKOOT_FD_ZYGOTE, &message, MSG_CMSG_CLOEXEC); while (count < 0 && errno == EINTR);
    const struct cmsghdr *rights = count == (ssize_t)sizeof *spawn ? CMSG_FIRSTHDR(&message) : NULL;
    if (rights == NULL || rights->cmsg_type != SCM_RIGHTS || spawn->groups > 1 || spawn->legacy > TALKOOT_LEGACY_GROUPS) return -1;
    const size_t size = sizeof(int) * descriptor_count(spawn);
    if (rights->cmsg_len != CMSG_LEN(size)) return -1;
    memcpy(request->descriptors, CMSG_DATA(rights), size);
    return 0;
}

/* The zygote's own descriptors are 0 to 3, so those received may lie where others go: first away, then into place. */
static int place_descriptors(const int descriptors[TALKOOT_FD_COUNT]) {
    int lifted[TALKOOT_FD_COUNT];
    for (int i = 0; i < TALKOOT_FD_COUNT; i++) {
        lifted[i] = descriptors[i] < TALKOOT_FD_COUNT ? fcntl(descriptors[i], F_DUPFD, TALKOOT_FD_COUNT) : descriptors[i];
        if (lifted[i] < 0) return errno;
    }
    for (int i = 0; i < TALKOOT_FD_COUNT; i++)
        if (dup2(lifted[i], i) < 0) return errno;
    return syscall(SYS_close_range, TALKOOT_FD_COUNT, ~0u, 0) == 0 ? 0 : errno;
}

static void answer(pid_t process, uint32_t step, int error, bool is_outside) {
    const talkoot_wire_spawned answer = {.process = process, .step = step, .error = error, .is_outside = is_outside};
    if (send(TALKOOT_FD_ZYGOTE, &answer, sizeof answer, MSG_NOSIGNAL) != (ssize_t)sizeof answer) _exit(0);
}

/* At the first request. A zygote is of use for one set of layers, and for modules that need no other libraries than the first one did;
 * the agent makes another one when this one ends. */
static void settle(const talkoot_wire_spawn *spawn) {
    static bool is_settled;
    static talkoot_wire_spawn settled;
    if (is_settled && (spawn->layers != settled.layers || (spawn->preload & ~settled.preload) != 0)) _exit(0);
    if (is_settled) return;
    uint32_t step = 0;
    module_preload(spawn->preload); /* while there are files; each cell finds out for itself whether what it needs is there */
    const int error = enclosure_enter(spawn->layers, &step);
    if (error != 0) {
        answer(-1, step, error, false);
        _exit(0);
    }
    is_settled = true;
    settled = *spawn;
}

int zygote_wait(void) {
    const struct thread_places places = thread_places();
    for (;;) {
        struct request request;
        if (receive(&request) != 0) _exit(0);
        const uint32_t layers = request.spawn.layers;
        settle(&request.spawn);
        bool is_outside;
        const pid_t process = copy_in_groups(&request, clone_flags(layers, places.number != NULL), places.number, &is_outside);
        if (process == 0) {
            if (places.locks != NULL) syscall(SYS_set_robust_list, places.locks, places.locks_size);
            const int error = layers & TALKOOT_LAYER_USER_NAMESPACE ? enclosure_map_user() : 0;
            if (place_descriptors(request.descriptors) != 0) _exit(1);
            return error;
        }
        const int error = process < 0 ? errno : 0;
        for (uint32_t i = 0; i < descriptor_count(&request.spawn); i++) close(request.descriptors[i]);
        answer(process, TALKOOT_STEP_CLONE, error, is_outside);
    }
}
