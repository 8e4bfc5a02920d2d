/* The agent's side of a call: an event counter there, a pipe of packets back. A round trip takes half as long as over a socket pair. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "talkoot_system.h"

#define LARGEST_PACKET 64

int talkoot_calls_create(void) {
    int descriptor = eventfd(0, EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int talkoot_calls_raise(int descriptor) {
    const uint64_t one = 1;
    for (;;) {
        if (write(descriptor, &one, sizeof one) == (ssize_t)sizeof one) return 0;
        if (errno != EINTR) return -errno;
    }
}

int talkoot_answers_pipe(int pair[2]) { return pipe2(pair, O_CLOEXEC | O_DIRECT | O_NONBLOCK) == 0 ? 0 : -errno; }

/* 1 when there is something to read, or the end. */
static int await(int descriptor, uint64_t nanoseconds) {
    struct pollfd answers = {.fd = descriptor, .events = POLLIN};
    const struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)};
    const int ready = ppoll(&answers, 1, &time, NULL);
    if (ready < 0) return errno == EINTR ? -EAGAIN : -errno;
    return ready == 0 ? -EAGAIN : 1;
}

int talkoot_answers_receive(int descriptor, uint64_t nanoseconds, void *packet, size_t size) {
    char room[LARGEST_PACKET + 1]; /* a longer packet is cut off here, and too long */
    const int ready = nanoseconds == 0 ? 1 : await(descriptor, nanoseconds);
    if (ready < 0) return ready;
    const ssize_t count = read(descriptor, room, sizeof room);
    if (count < 0) return errno == EINTR || errno == EAGAIN ? -EAGAIN : -errno;
    if (count == 0) return 0;
    if ((size_t)count != size) return -EBADMSG;
    memcpy(packet, room, size);
    return 1;
}

int talkoot_log_pipe(int pair[2], size_t bytes) {
    if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
    /* The limit of unprivileged pipes may be lower: then less is kept. */
    if (bytes != 65536) fcntl(pair[0], F_SETPIPE_SZ, (int)(bytes < (1u << 20) ? bytes : 1u << 20));
    return 0;
}
