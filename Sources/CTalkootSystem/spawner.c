#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

/* Stack of a child until it executes. */
#define CHILD_STACK_BYTES (64u << 10)

struct talkoot_spawner {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const talkoot_spawn *task; /* what a caller wants started; NULL when the place is free */
    talkoot_spawned result;
    bool is_ready;  /* result belongs to task */
    bool is_ending;
    void *stack;
};

/* Without a user namespace of its own a cell is born into the spawner's empty network namespace, if the spawner has one: making
 * and tearing down one for each cell costs more than all the rest of its start. */
static int clone_flags(uint32_t layers, bool has_empty_network) {
    int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    if (layers & TALKOOT_LAYER_NAMESPACES) {
        flags |= CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWCGROUP;
        if (!has_empty_network || (layers & TALKOOT_LAYER_USER_NAMESPACE)) flags |= CLONE_NEWNET;
    }
    if (layers & TALKOOT_LAYER_USER_NAMESPACE) flags |= CLONE_NEWUSER;
    return flags;
}

/* The child runs on the parent's memory while this thread waits for its exec or its end. */
static talkoot_spawned start(const talkoot_spawn *spawn, char *stack, bool has_empty_network) {
    talkoot_child child = {.spawn = spawn, .user = geteuid(), .group = getegid()};
    talkoot_spawned result = {.process = -1, .pidfd = -1};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int flags = clone_flags(spawn->layers, has_empty_network);
    result.process = clone(talkoot_child_main, stack + CHILD_STACK_BYTES, flags, &child, &result.pidfd);
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

static void *serve(void *argument) {
    talkoot_spawner *spawner = argument;
    /* Of this thread alone; it has no sockets. An ordinary user may not, and gets one namespace a cell. */
    bool has_empty_network = unshare(CLONE_NEWNET) == 0;
    pthread_mutex_lock(&spawner->lock);
    while (!spawner->is_ending) {
        if (spawner->task == NULL || spawner->is_ready) {
            pthread_cond_wait(&spawner->changed, &spawner->lock);
            continue;
        }
        spawner->result = start(spawner->task, spawner->stack, has_empty_network);
        spawner->is_ready = true;
        pthread_cond_broadcast(&spawner->changed);
    }
    pthread_mutex_unlock(&spawner->lock);
    return NULL;
}

talkoot_spawner *talkoot_spawner_create(void) {
    talkoot_spawner *spawner = calloc(1, sizeof *spawner);
    if (spawner == NULL) return NULL;
    spawner->stack = mmap(NULL, CHILD_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (spawner->stack == MAP_FAILED) {
        free(spawner);
        return NULL;
    }
    pthread_mutex_init(&spawner->lock, NULL);
    pthread_cond_init(&spawner->changed, NULL);
    int error = pthread_create(&spawner->thread, NULL, serve, spawner);
    if (error != 0) {
        munmap(spawner->stack, CHILD_STACK_BYTES);
        free(spawner);
        errno = error;
        return NULL;
    }
    return spawner;
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
    free(spawner);
}

talkoot_spawned talkoot_spawner_start(talkoot_spawner *spawner, const talkoot_spawn *spawn) {
    pthread_mutex_lock(&spawner->lock);
    while (spawner->task != NULL) pthread_cond_wait(&spawner->changed, &spawner->lock);
    spawner->task = spawn;
    pthread_cond_broadcast(&spawner->changed);
    while (!spawner->is_ready) pthread_cond_wait(&spawner->changed, &spawner->lock);
    talkoot_spawned result = spawner->result;
    spawner->task = NULL;
    spawner->is_ready = false;
    pthread_cond_broadcast(&spawner->changed);
    pthread_mutex_unlock(&spawner->lock);
    return result;
}
