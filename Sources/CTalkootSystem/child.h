/* What the spawner's thread runs in a new process, between clone and exec. */
#ifndef TALKOOT_CHILD_H
#define TALKOOT_CHILD_H

#include "talkoot_system.h"

/* Lives in the parent's memory, which the child shares until it executes. */
typedef struct talkoot_child {
    const char *path;
    char *const *variables; /* the environment, ended by NULL */
    int socket;             /* becomes TALKOOT_FD_ZYGOTE */
    uint64_t stack_bytes;   /* RLIMIT_STACK */
    bool is_still;          /* no random addresses */
    uint32_t step;
    int32_t error;
} talkoot_child;

/* The entry point for clone: never returns to its caller. Calls nothing but the system. */
int talkoot_child_main(void *child);

#endif /* TALKOOT_CHILD_H */
