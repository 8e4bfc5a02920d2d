#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "talkoot_system.h"

int talkoot_packet_pair(int pair[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0 ? 0 : -errno;
}

int talkoot_packet_patience(int descriptor, uint64_t nanoseconds) {
    struct timeval time = {.tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_usec = (suseconds_t)(nanoseconds % 1000000000u / 1000u)};
    if (time.tv_sec == 0 && time.tv_usec == 0) time.tv_usec = 1; /* zero would mean for ever */
    return setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) == 0 ? 0 : -errno;
}

int talkoot_packet_send(int descriptor, const talkoot_wire_header *header) {
    for (;;) {
        if (send(descriptor, header, sizeof *header, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof *header) return 0;
        if (errno != EINTR) return -errno;
    }
}

int talkoot_packet_receive(int descriptor, talkoot_wire_header *header) {
    /* MSG_TRUNC: the packet's own length, also when it is longer than the room for it. */
    ssize_t count = recv(descriptor, header, sizeof *header, MSG_TRUNC);
    if (count == (ssize_t)sizeof *header) return 1;
    if (count == 0) return 0;
    if (count > 0) return -EBADMSG;
    if (errno == EINTR || errno == EAGAIN) return -EAGAIN;
    return errno == ECONNRESET ? 0 : -errno;
}

int talkoot_log_pipe(int pair[2], size_t bytes) {
    if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
    /* The limit of unprivileged pipes may be lower: then less is kept. */
    if (bytes != 65536) fcntl(pair[0], F_SETPIPE_SZ, (int)(bytes < (1u << 20) ? bytes : 1u << 20));
    return 0;
}
