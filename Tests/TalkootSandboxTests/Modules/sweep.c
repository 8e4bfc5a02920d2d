/*
 * Makes one system call with six zeros: the native one, an x32 one, or one by the 32-bit gate. In a unit its number is the
 * unit's; in talkoot_module_v1, which runs while the library is loaded, it is the parameter `loading`.
 */
#include <stdint.h>

#include "talkoot.h"

static int64_t loaded;
static int64_t form;

static int64_t native(int64_t number) {
    int64_t result;
#if defined(__x86_64__)
    register int64_t fourth __asm__("r10") = 0, fifth __asm__("r8") = 0, sixth __asm__("r9") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(0L), "S"(0L), "d"(0L), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
#else
    result = number;
#endif
    return result;
}

static int64_t gate(int64_t number) {
    int64_t result = number;
#if defined(__x86_64__)
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"(0L), "c"(0L), "d"(0L), "S"(0L), "D"(0L)
                     : "r8", "r9", "r10", "r11", "memory");
#endif
    return result;
}

static int64_t make(int64_t number) { return form == 2 ? gate(number) : native(form == 1 ? number | 0x40000000 : number); }

static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
    const int64_t result = unit->index == UINT32_MAX ? loaded : make((int64_t)unit->index);
    return host->write(host, &result, sizeof result);
}

static const talkoot_module module = {.abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof module, .run = run};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) {
    form = host->integer(host, "form");
    const int64_t number = host->integer(host, "loading");
    if (number >= 0) loaded = make(number);
    return &module;
}
