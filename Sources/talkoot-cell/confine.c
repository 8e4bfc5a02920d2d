/* Identity, capabilities, Landlock. The order matters; each step says why. */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cell.h"

static bool has_layer(uint32_t layer) { return (cell.configuration->layers & layer) != 0; }

/* Leaves `step` for the parent to name when the result is an error. */
static int step(uint32_t number, int result) {
    cell.status->step = number;
    return result;
}

static int code(int result) { return result == 0 ? 0 : errno; }

static bool is_bounding_set_empty; /* since the zygote emptied its own, which a cell without a user namespace inherits */

static int drop_bounding_set(void) {
    if (is_bounding_set_empty) return 0;
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return errno;
    const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
                               SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    return code(prctl(PR_SET_SECUREBITS, bits, 0, 0, 0));
}

void confine_bounding_set(void) { is_bounding_set_empty = drop_bounding_set() == 0; }

/* Without it a process of host root would still own root's files once a capability slipped through. */
static int become_own_user(void) {
    const uid_t user = cell.configuration->user;
    if (setgroups(0, NULL) != 0) return errno;
    if (setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0) return errno;
    return 0;
}

static int drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return errno;
    return code((int)syscall(SYS_capset, &header, none));
}

static int give_up_privileges(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    return code(prctl(PR_SET_PDEATHSIG, SIGKILL)); /* a change of user cleared it */
}

/* linux/landlock.h of the build machine may know less than the kernel that runs. */
struct landlock_ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};
#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_RESTRICT_SELF 446
#define LANDLOCK_VERSION 1u

/* Handles every right that the running kernel knows and allows none. */
static int restrict_by_landlock(void) {
    static const unsigned char file_rights[] = {13, 14, 15, 15, 16}; /* of versions 1 to 5 */
    long version = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, LANDLOCK_VERSION);
    if (version < 1) return errno;
    size_t index = version > 5 ? 4 : (size_t)version - 1;
    struct landlock_ruleset ruleset = {.files = (1u << file_rights[index]) - 1, .network = 3, .scopes = 3};
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    int file = (int)syscall(LANDLOCK_CREATE_RULESET, &ruleset, size, 0);
    if (file < 0) return errno;
    int error = code((int)syscall(LANDLOCK_RESTRICT_SELF, file, 0));
    close(file);
    return error;
}

static int confine_identity(void) {
    /* A process that never had a privilege cannot empty its bounding set, and need not. */
    if (has_layer(TALKOOT_LAYER_USER_NAMESPACE)) is_bounding_set_empty = false; /* a new user namespace fills it */
    const bool is_privileged = has_layer(TALKOOT_LAYER_OWN_USER) || has_layer(TALKOOT_LAYER_USER_NAMESPACE);
    int error = is_privileged ? step(TALKOOT_STEP_CAPABILITIES, drop_bounding_set()) : 0;
    if (error == 0 && has_layer(TALKOOT_LAYER_OWN_USER)) error = step(TALKOOT_STEP_IDENTITY, become_own_user());
    if (error == 0) error = step(TALKOOT_STEP_CAPABILITIES, drop_capabilities());
    if (error == 0) error = step(TALKOOT_STEP_NO_NEW_PRIVILEGES, give_up_privileges());
    return error;
}

int confine(void) {
    int error = confine_identity();
    if (error == 0 && has_layer(TALKOOT_LAYER_LANDLOCK)) error = step(TALKOOT_STEP_LANDLOCK, restrict_by_landlock());
    if (error == 0 && has_layer(TALKOOT_LAYER_LIMITS)) error = step(TALKOOT_STEP_LIMITS, confine_limits());
    return error;
}
