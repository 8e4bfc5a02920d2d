#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cell.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

#define DESCRIPTORS 16

static int limit(__rlimit_resource_t resource, uint64_t value) {
    const struct rlimit both = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &both) == 0 ? 0 : errno;
}

int confine_limits(void) {
    const talkoot_wire_configuration *configuration = cell.configuration;
    /* RLIMIT_DATA and not RLIMIT_AS: threads reserve far more address space than they use. */
    const struct { __rlimit_resource_t resource; uint64_t value; } limits[] = {
        {RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}, {RLIMIT_NOFILE, DESCRIPTORS}, {RLIMIT_MEMLOCK, 0}, {RLIMIT_MSGQUEUE, 0},
        {RLIMIT_RTPRIO, 0}, {RLIMIT_DATA, configuration->data_bytes}, {RLIMIT_CPU, configuration->processor_seconds},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        int error = limit(limits[i].resource, limits[i].value);
        if (error != 0) return error;
    }
    /* Without an own user or user namespace it would count all of the owner's processes. */
    if (configuration->processes != 0) {
        int error = limit(RLIMIT_NPROC, configuration->processes);
        if (error != 0) return error;
    }
    /* No memory ever becomes executable that was not mapped so from a file. Kernels before 6.3 lack it; the filter says the same. */
    if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0 && errno != EINVAL) return errno;
    return 0;
}
