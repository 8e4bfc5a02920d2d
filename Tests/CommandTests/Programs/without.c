/*
 * without WHAT[,WHAT...] PROGRAM [ARGUMENT...]: runs a program on a machine that lacks something, as a container's filter or an old
 * kernel would have it. WHAT is namespaces, mount, landlock, seccomp or identity; each is answered EPERM.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEW_NAMESPACES                                                                                                        \
    (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

static struct sock_filter program[64];
static unsigned short length;

static void add(struct sock_filter instruction) { program[length++] = instruction; }

static void refuse(unsigned number, unsigned error) {
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
}

/* Only with one of these bits in its first argument; the number is loaded again for what comes after. */
static void refuse_flags(unsigned number, unsigned flags) {
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4));
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])));
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1));
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
}

static int take_away(const char *what) {
    if (strcmp(what, "namespaces") == 0) {
        refuse_flags(SYS_clone, NEW_NAMESPACES);
        refuse_flags(SYS_unshare, NEW_NAMESPACES);
        refuse(SYS_clone3, ENOSYS);
    } else if (strcmp(what, "mount") == 0) {
        refuse(SYS_mount, EPERM);
    } else if (strcmp(what, "landlock") == 0) {
        refuse(SYS_landlock_create_ruleset, EPERM);
    } else if (strcmp(what, "seccomp") == 0) {
        refuse(SYS_seccomp, EPERM);
    } else if (strcmp(what, "identity") == 0) {
        refuse(SYS_setresuid, EPERM);
    } else {
        return -1;
    }
    return 0;
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    for (char *what = strtok(arguments[1], ","); what != NULL; what = strtok(NULL, ","))
        if (take_away(what) != 0) return 64;
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const struct sock_fprog filter = {.len = length, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return 71;
    execv(arguments[2], arguments + 2);
    perror(arguments[2]);
    return 71;
}
