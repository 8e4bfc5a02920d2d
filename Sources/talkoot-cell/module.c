#include <dlfcn.h>
#include <errno.h>

#include "cell.h"

/* Opened while there are files; ld.so then finds them by name. */
int module_preload(uint32_t wanted) {
    static const struct { uint32_t flag; const char *name; } libraries[] = {
        {TALKOOT_PRELOAD_MATH, "libm.so.6"}, {TALKOOT_PRELOAD_GCC, "libgcc_s.so.1"}, {TALKOOT_PRELOAD_CXX, "libstdc++.so.6"},
    };
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if ((wanted & libraries[i].flag) && dlopen(libraries[i].name, RTLD_NOW) == NULL) return ENOENT;
    return 0;
}

static bool refuse(const char *why) {
    if (!cell.has_message) host_say("%s", why);
    return false;
}

/* Constructors run in here, under the first filter. */
bool module_load(void) {
    host_begin_call();
    cell.is_loading = true;
    void *library = dlopen("/module.so", RTLD_NOW | RTLD_LOCAL);
    cell.is_loading = false;
    if (library == NULL) {
        const char *why = dlerror();
        return refuse(why == NULL ? "the library cannot be loaded" : why);
    }
    const talkoot_module *(*entry)(const talkoot_host *);
    *(void **)&entry = dlsym(library, "talkoot_module_v1");
    if (entry == NULL) return refuse("it does not export talkoot_module_v1");
    const talkoot_module *module = entry(&cell.host);
    if (module == NULL) return refuse("talkoot_module_v1 returned NULL");
    if (module->abi_version != TALKOOT_ABI_VERSION) return refuse("its abi_version is not 1");
    if (module->struct_size < sizeof(talkoot_module)) return refuse("its struct_size is smaller than talkoot_module of version 1");
    if (module->run == NULL) return refuse("it has no run");
    cell.module = module;
    cell.status->features = (module->plan ? TALKOOT_HAS_PLAN : 0) | (module->merge ? TALKOOT_HAS_MERGE : 0) |
                            (module->finish ? TALKOOT_HAS_FINISH : 0) | (module->equal ? TALKOOT_HAS_EQUAL : 0);
    return true;
}
