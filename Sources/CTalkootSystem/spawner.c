#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

/* Stack of a child until it executes. */
#define CHILD_STACK_BYTES (64u << 10)
/* How long the zygote may take for an answer, in seconds: a copy of itself on a machine that swaps. */
#define ANSWER_SECONDS 20

/* Swift modules: no crash reporter, the same order of hashed collections everywhere. */
#define STANDARD_VARIABLES 3
static const char *const standard[STANDARD_VARIABLES] = {"LC_ALL=C", "SWIFT_BACKTRACE=enable=no", "SWIFT_DETERMINISTIC_HASHING=1"};

struct talkoot_spawner {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char *path;
    char *variables[TALKOOT_VARIABLES + STANDARD_VARIABLES + 1];
    uint64_t stack_bytes;
    void *stack;
    talkoot_spawned zygote; /* the one that lives, or why there is none */
    int socket;             /* to it; -1 without one */
    uint32_t preload;       /* libraries that any cell so far needed */
    bool is_wanted;         /* somebody waits for a zygote */
    bool is_ending;
    bool is_still; /* cells have the same addresses each time */
};

/* The child runs on the parent's memory while this thread waits for its exec or its end. */
static talkoot_spawned start(const talkoot_spawner *spawner, int socket) {
    talkoot_child child = {.path = spawner->path, .variables = spawner->variables, .socket = socket, .stack_bytes = spawner->stack_bytes,
                           .is_still = spawner->is_still};
    talkoot_spawned result = {.process = -1, .pidfd = -1};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    result.process = clone(talkoot_child_main, (char *)spawner->stack + CHILD_STACK_BYTES, flags, &child, &result.pidfd);
    result.error = result.process < 0 ? errno : child.error;
    result.step = result.process < 0 ? TALKOOT_STEP_CLONE : child.step;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result.process > 0 && result.error != 0) {
        talkoot_ending ending;
        talkoot_reap(result.pidfd, -1, &ending);
        close(result.pidfd);
        result.pidfd = -1;
    }
    return result;
}

/* Under the lock. */
static void drop_zygote(talkoot_spawner *spawner) {
    if (spawner->socket >= 0) close(spawner->socket);
    spawner->socket = -1;
    if (spawner->zygote.pidfd < 0) return;
    talkoot_ending ending;
    talkoot_signal(spawner->zygote.pidfd, SIGKILL);
    talkoot_reap(spawner->zygote.pidfd, -1, &ending);
    close(spawner->zygote.pidfd);
    spawner->zygote.pidfd = -1;
}

/* Two connected sockets of whole packets; a wait for one on the first ends after ANSWER_SECONDS. */
static int make_sockets(int pair[2]) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return errno;
    const struct timeval time = {.tv_sec = ANSWER_SECONDS};
    return setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) == 0 ? 0 : errno;
}

/* Under the lock. */
static void make_zygote(talkoot_spawner *spawner) {
    int pair[2];
    const int error = make_sockets(pair);
    if (error != 0) {
        spawner->zygote = (talkoot_spawned){.process = -1, .pidfd = -1, .step = TALKOOT_STEP_CLONE, .error = error};
        return;
    }
    spawner->zygote = start(spawner, pair[1]);
    close(pair[1]);
    if (spawner->zygote.error != 0) {
        close(pair[0]);
        return;
    }
    spawner->socket = pair[0];
}

/* The thread that the zygote and all cells are children of: they die when it ends. */
static void *serve(void *argument) {
    talkoot_spawner *spawner = argument;
    pthread_mutex_lock(&spawner->lock);
    while (!spawner->is_ending) {
        if (spawner->is_wanted) {
            make_zygote(spawner);
            spawner->is_wanted = false;
            pthread_cond_broadcast(&spawner->changed);
        }
        pthread_cond_wait(&spawner->changed, &spawner->lock);
    }
    drop_zygote(spawner);
    pthread_mutex_unlock(&spawner->lock);
    return NULL;
}

/* Copies the environment: a variable's first place counts, so what is given stands before the standard. */
static int copy_variables(talkoot_spawner *spawner, const char *const *given) {
    size_t count = 0;
    for (; given != NULL && *given != NULL; given++) {
        if (count == TALKOOT_VARIABLES) return E2BIG;
        if ((spawner->variables[count++] = strdup(*given)) == NULL) return ENOMEM;
    }
    for (size_t i = 0; i < STANDARD_VARIABLES; i++)
        if ((spawner->variables[count++] = strdup(standard[i])) == NULL) return ENOMEM;
    return 0;
}

static void release(talkoot_spawner *spawner) {
    for (char **variable = spawner->variables; *variable != NULL; variable++) free(*variable);
    free(spawner->path);
    free(spawner);
}

talkoot_spawner *talkoot_spawner_create(const char *path, uint64_t stack_bytes, const char *const *variables, bool is_still) {
    talkoot_spawner *spawner = calloc(1, sizeof *spawner);
    if (spawner == NULL) return NULL;
    spawner->path = strdup(path);
    spawner->stack_bytes = stack_bytes;
    spawner->is_still = is_still;
    spawner->socket = -1;
    spawner->zygote = (talkoot_spawned){.process = -1, .pidfd = -1};
    spawner->is_wanted = true;
    spawner->stack = mmap(NULL, CHILD_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    pthread_mutex_init(&spawner->lock, NULL);
    pthread_cond_init(&spawner->changed, NULL);
    int error = spawner->path == NULL || spawner->stack == MAP_FAILED ? ENOMEM : copy_variables(spawner, variables);
    if (error == 0) error = pthread_create(&spawner->thread, NULL, serve, spawner);
    if (error == 0) return spawner;
    if (spawner->stack != MAP_FAILED) munmap(spawner->stack, CHILD_STACK_BYTES);
    release(spawner);
    errno = error;
    return NULL;
}

void talkoot_spawner_free(talkoot_spawner *spawner) {
    pthread_mutex_lock(&spawner->lock);
    spawner->is_ending = true;
    pthread_cond_broadcast(&spawner->changed);
    pthread_mutex_unlock(&spawner->lock);
    pthread_join(spawner->thread, NULL);
    pthread_cond_destroy(&spawner->changed);
    pthread_mutex_destroy(&spawner->lock);
    munmap(spawner->stack, CHILD_STACK_BYTES);
    release(spawner);
}

pid_t talkoot_spawner_zygote(talkoot_spawner *spawner) {
    pthread_mutex_lock(&spawner->lock);
    const pid_t process = spawner->socket < 0 ? -1 : spawner->zygote.process;
    pthread_mutex_unlock(&spawner->lock);
    return process;
}

/* All descriptors of a request, in their order. Returns how many. */
static size_t gather(const talkoot_spawn *spawn, int descriptors[TALKOOT_WIRE_SPAWN_DESCRIPTORS]) {
    size_t count = TALKOOT_FD_COUNT;
    memcpy(descriptors, spawn->descriptors, sizeof spawn->descriptors);
    if (spawn->group >= 0) descriptors[count++] = spawn->group;
    for (uint32_t i = 0; i < spawn->legacy; i++) descriptors[count++] = spawn->legacy_groups[i];
    for (uint32_t i = 0; i < spawn->legacy; i++) descriptors[count++] = spawn->legacy_homes[i];
    return count;
}

/* One request and its answer. 0, or an errno that says that the zygote is gone. */
static int ask(int socket, const talkoot_spawn *spawn, uint32_t preload, talkoot_wire_spawned *answer) {
    const talkoot_wire_spawn request = {
        .layers = spawn->layers, .preload = preload, .groups = spawn->group >= 0, .legacy = spawn->legacy};
    int descriptors[TALKOOT_WIRE_SPAWN_DESCRIPTORS];
    const size_t size = gather(spawn, descriptors) * sizeof(int);
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof descriptors)];
    } control;
    memset(&control, 0, sizeof control);
    control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(size)};
    memcpy(CMSG_DATA(&control.header), descriptors, size);
    struct iovec part = {.iov_base = (void *)&request, .iov_len = sizeof request};
    const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(size)};
    ssize_t count;
    do count = sendmsg(socket, &message, MSG_NOSIGNAL); while (count < 0 && errno == EINTR);
    if (count < 0) return errno;
    do count = recv(socket, answer, sizeof *answer, 0); while (count < 0 && errno == EINTR);
    return count == (ssize_t)sizeof *answer ? 0 : count < 0 ? errno : EPIPE;
}

/* Under the lock: waits until the thread has made one, or has failed to. */
static void want_zygote(talkoot_spawner *spawner) {
    spawner->is_wanted = true;
    pthread_cond_broadcast(&spawner->changed);
    while (spawner->is_wanted) pthread_cond_wait(&spawner->changed, &spawner->lock);
}

static talkoot_spawned start_cell(talkoot_spawner *spawner, const talkoot_spawn *spawn) {
    talkoot_wire_spawned answer = {.step = TALKOOT_STEP_CLONE};
    int error = EPIPE;
    /* Every mapping makes each copy dearer, so a zygote has what was asked for; that it has had to be made anew for, it keeps. */
    spawner->preload |= spawn->preload;
    for (int attempt = 0; attempt < 2 && error != 0; attempt++) {
        if (spawner->socket < 0) want_zygote(spawner);
        if (spawner->socket < 0) return spawner->zygote;
        error = ask(spawner->socket, spawn, spawner->preload, &answer);
        /* Gone: killed by somebody, or made for other layers or libraries. */
        if (error != 0) drop_zygote(spawner);
    }
    if (error == 0) error = answer.error;
    if (error != 0) return (talkoot_spawned){.process = -1, .pidfd = -1, .step = answer.step, .error = error};
    /* A child of this process that nobody else waits for: the number cannot be another's yet. */
    const int pidfd = (int)syscall(SYS_pidfd_open, answer.process, 0);
    if (pidfd >= 0) return (talkoot_spawned){.process = answer.process, .pidfd = pidfd, .is_outside = answer.is_outside};
    error = errno;
    kill(answer.process, SIGKILL);
    waitpid(answer.process, NULL, 0);
    return (talkoot_spawned){.process = -1, .pidfd = -1, .step = TALKOOT_STEP_CLONE, .error = error};
}

talkoot_spawned talkoot_spawner_start(talkoot_spawner *spawner, const talkoot_spawn *spawn) {
    pthread_mutex_lock(&spawner->lock);
    const talkoot_spawned result = start_cell(spawner, spawn);
    pthread_mutex_unlock(&spawner->lock);
    return result;
}
