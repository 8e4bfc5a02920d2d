/* Units in processes of their own: the agent's side of a template. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "talkoot_system.h"

int talkoot_unit_start(int control, int channel) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } rights;
    memset(&rights, 0, sizeof rights);
    rights.header.cmsg_level = SOL_SOCKET;
    rights.header.cmsg_type = SCM_RIGHTS;
    rights.header.cmsg_len = CMSG_LEN(sizeof channel);
    memcpy(CMSG_DATA(&rights.header), &channel, sizeof channel);
    talkoot_wire_header header = {.call = TALKOOT_CALL_RUN};
    struct iovec part = {.iov_base = &header, .iov_len = sizeof header};
    const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
    for (;;) {
        if (sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof header) return 0;
        if (errno != EINTR) return -errno;
    }
}

int talkoot_unit_ended(int control, talkoot_wire_ended *ended) {
    const ssize_t count = recv(control, ended, sizeof *ended, MSG_TRUNC);
    if (count == (ssize_t)sizeof *ended) return 1;
    if (count == 0) return 0;
    if (count > 0) return -EBADMSG;
    if (errno == EINTR || errno == EAGAIN) return -EAGAIN;
    return errno == ECONNRESET ? 0 : -errno;
}

int talkoot_packet_finish(int descriptor) { return shutdown(descriptor, SHUT_WR) == 0 ? 0 : -errno; }
