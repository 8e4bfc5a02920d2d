/* How a cell dies: what is known about it goes to the status page first. */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "cell.h"

/* Handlers run on it: a stack overflow leaves no room on the other one. */
static char handler_stack[64 << 10] __attribute__((aligned(64)));

/* The farthest that a return address is looked for, in words: a crash inside libc belongs to the module that called it. */
#define SEARCH_WORDS 4096

/* A failed allocation is often noticed only as a fault: when not even this much is left, memory was the reason. */
#define MEMORY_PROBE_BYTES (1u << 20)

static bool is_in_module(uintptr_t address) { return address >= cell.module_start && address < cell.module_end; }

uint64_t faults_place(uintptr_t instruction, uintptr_t stack) {
    if (cell.module_end == 0) return 0;
    if (is_in_module(instruction)) return instruction - cell.module_start + 1;
    if (stack == 0 || stack > cell.stack_end || cell.stack_end - stack > (8u << 20)) return 0;
    const uintptr_t *word = (const uintptr_t *)(stack & ~(uintptr_t)7);
    for (int i = 0; i < SEARCH_WORDS && (uintptr_t)(word + i) < cell.stack_end; i++)
        if (is_in_module(word[i])) return word[i] - cell.module_start + 1;
    return 0;
}

static void on_fault(int signal, siginfo_t *info, void *raw) {
    const ucontext_t *context = raw;
#if defined(__x86_64__)
    const uintptr_t instruction = (uintptr_t)context->uc_mcontext.gregs[REG_RIP], stack = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#else
    const uintptr_t instruction = context->uc_mcontext.pc, stack = context->uc_mcontext.sp;
#endif
    talkoot_wire_status *status = cell.status;
    status->signal = signal;
    status->address = (uint64_t)(uintptr_t)info->si_addr;
    status->death = TALKOOT_DEATH_SIGNAL;
    if (status->refused_bytes == 0) {
        void *memory = mmap(NULL, MEMORY_PROBE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) status->refused_bytes = MEMORY_PROBE_BYTES;
    }
    status->place = faults_place(instruction, stack);
    /* Not by the signal itself: the first process of a pid namespace loses SIGABRT. */
    _exit(128 + signal);
}

int faults_handle(void) {
    const stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    if (sigaltstack(&stack, NULL) != 0) return errno;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND;
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], &action, NULL) != 0) return errno;
    return 0;
}
