#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "talkoot_system.h"

int talkoot_await_frozen(const char *events, int milliseconds) {
    int file = open(events, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = -ETIMEDOUT;
    for (;;) {
        char text[128];
        ssize_t count = pread(file, text, sizeof text - 1, 0);
        text[count < 0 ? 0 : count] = '\0';
        if (strstr(text, "frozen 1") != NULL) result = 0;
        /* The kernel reports each change of the file; when it does not change in time it is not waited for again. */
        struct pollfd change = {.fd = file, .events = POLLPRI};
        if (result == 0 || poll(&change, 1, milliseconds) <= 0) break;
    }
    close(file);
    return result;
}
