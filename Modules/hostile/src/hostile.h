/*
 * What a module could try against the machine that runs it: one small entry for each attempt, in files by subject.
 *
 * An entry returns what the kernel said: a number at or above 0 means that it got through, a negative one is the error that
 * refused it. The module writes that as its result. Most attempts never come back.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stddef.h>
#include <stdint.h>
#include <talkoot.h>

/* Which attack, and when. Whoever starts the module finds this in the library's bytes by its mark and fills it in: constructors
 * and IFUNC resolvers run before there is a host to ask. */
struct hostile_choice {
    char mark[24];
    char moment[16]; /* "run", "constructor" or "resolver" */
    char name[40];
};
extern const volatile struct hostile_choice hostile_choice;

/* One system call. */
struct hostile_call {
    const char *name;
    long number;
    long arguments[6];
};
#define PLACE(pointer) ((long)(uintptr_t)(pointer))

/* A few steps. */
struct hostile_steps {
    const char *name;
    long (*perform)(void);
};

/* Steps that need the host; the text is the finding, NULL when there is nothing to say. */
struct hostile_play {
    const char *name;
    const char *(*perform)(const talkoot_host *host, const talkoot_unit *unit);
};

/* Each table ends with an entry without a name. */
extern const struct hostile_call hostile_file_calls[], hostile_network_calls[], hostile_process_calls[], hostile_memory_calls[],
    hostile_kernel_calls[];
extern const struct hostile_steps hostile_file_steps[], hostile_network_steps[], hostile_process_steps[], hostile_memory_steps[],
    hostile_kernel_steps[], hostile_trick_steps[], hostile_life_steps[];
extern const struct hostile_play hostile_plays[], hostile_lies[];

/* The bare system call: libc cannot be called from a resolver. The negative error, as the kernel gives it. */
static inline long call6(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
    long result = number;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "x86-64 and aarch64"
#endif
}

static inline long call3(long number, long a, long b, long c) { return call6(number, a, b, c, 0, 0, 0); }

#endif /* HOSTILE_H */
