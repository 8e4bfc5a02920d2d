/* How a cell dies: what is known about it goes to the status page first. */
#include <elf.h>
#include <errno.h>
#include <link.h>
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

/* The module's code, from its first executable byte to its last. */
struct code {
    uintptr_t base; /* what the library's own addresses are counted from */
    uintptr_t start;
    uintptr_t end;
};

/* The list that ld.so keeps for debuggers, by this program's own entry for it: naming _r_debug would need one more library. */
static const struct link_map *first_map(void) {
    for (const ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_DEBUG) return ((const struct r_debug *)entry->d_un.d_ptr)->r_map;
    return NULL;
}

/* Headers farther from the start of the library than this may not be in memory. */
#define HEADER_BYTES 4096

/* Read from the list that ld.so keeps for debuggers and from the library's headers in memory: it is complete before the first
 * constructor runs, and takes no lock. */
static struct code find_code(void) {
    struct code code = {0, UINTPTR_MAX, 0};
    const struct link_map *map = first_map();
    while (map != NULL && strcmp(map->l_name, "/module.so") != 0) map = map->l_next;
    if (map == NULL) return code;
    code.base = map->l_addr;
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)code.base;
    const size_t size = header->e_phnum * sizeof(ElfW(Phdr));
    if (size > HEADER_BYTES || header->e_phoff > HEADER_BYTES - size) return code;
    const ElfW(Phdr) *parts = (const ElfW(Phdr) *)(code.base + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++) {
        if (parts[i].p_type != PT_LOAD || !(parts[i].p_flags & PF_X)) continue;
        const uintptr_t start = code.base + parts[i].p_vaddr, end = start + parts[i].p_memsz;
        if (start < code.start) code.start = start;
        if (end > code.end) code.end = end;
    }
    return code;
}

uint64_t faults_place(uintptr_t instruction, uintptr_t stack) {
    const struct code code = find_code();
    if (instruction >= code.start && instruction < code.end) return instruction - code.base + 1;
    if (stack > cell.stack_end || cell.stack_end - stack > (8u << 20)) return 0;
    const uintptr_t *word = (const uintptr_t *)(stack & ~(uintptr_t)7);
    /* A return address follows the call; one less lies inside it, also when the call was the function's last instruction. */
    for (int i = 0; i < SEARCH_WORDS && (uintptr_t)(word + i) < cell.stack_end; i++)
        if (word[i] > code.start && word[i] < code.end) return word[i] - 1 - code.base + 1;
    return 0;
}

void faults_end(int signal, siginfo_t *info, void *raw) {
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
    action.sa_sigaction = faults_end;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND;
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], &action, NULL) != 0) return errno;
    return 0;
}
