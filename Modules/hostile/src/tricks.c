/* Ways round a filter that looks at the wrong architecture's numbers. Every call is getpid, which harms nobody. */
#include "hostile.h"

#if defined(__x86_64__)

static long by_interrupt(void) {
    long result = 20;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result;
}

static long by_x32(void) { return call3(0x40000000 + 39, 0, 0, 0); }

/* Linked below 4 GiB, the library has addresses that 32-bit code can use; it comes back only to trap. */
static long by_far_return(void) {
    const uintptr_t start = (uintptr_t)&by_far_return;
    if (start >> 32 != 0) return -1;
    __asm__ volatile(
        "lea 1f(%%rip), %%rax\n"
        "pushq $0x23\n"
        "pushq %%rax\n"
        "lretq\n"
        "1: .byte 0xb8, 20, 0, 0, 0\n" /* mov $20, %eax */
        "int $0x80\n"
        "ud2\n"
        : : : "rax", "memory");
    return 0;
}

const struct hostile_steps hostile_trick_steps[] = {
    {"interrupt-call", by_interrupt},
    {"x32-call", by_x32},
    {"far-return", by_far_return},
    {0},
};

#else

const struct hostile_steps hostile_trick_steps[] = {{0}};

#endif
