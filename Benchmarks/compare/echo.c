/* A module that gives its input back: what it costs to get bytes into a cell and out of it. */
#include <talkoot.h>

static int32_t run(const talkoot_host *host, const talkoot_unit *unit)
{
    return host->write(host, unit->input.data, unit->input.size);
}

static const talkoot_module module = {.abi_version = TALKOOT_ABI_VERSION, .struct_size = sizeof(talkoot_module), .run = run};

TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return (void)host, &module; }
