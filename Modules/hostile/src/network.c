/* Sockets, and the way to the agent: a counter of calls as 3, a pipe of answers as 5. */
#include "hostile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static int pair[2];
static const uint64_t one = 1;
static struct pollfd both[] = {{3, POLLIN, 0}, {5, POLLOUT, 0}};
static const struct timespec no_time;
static const struct iovec pages = {&pair, 1};

const struct hostile_call hostile_network_calls[] = {
    {"socket-internet", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
    {"socket-internet-6", SYS_socket, {AF_INET6, SOCK_DGRAM, 0}},
    {"socket-local", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
    {"socket-netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}},
    {"socket-packet", SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
    {"socket-pair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, PLACE(pair)}},
    {"channel-raise", SYS_write, {3, PLACE(&one), sizeof one}},
    {"channel-wait", SYS_ppoll, {PLACE(&both), 2, PLACE(&no_time), 0, 8}},
    {"channel-flags", SYS_fcntl, {5, F_SETFL, 0}},
    {"channel-grow", SYS_fcntl, {5, F_SETPIPE_SZ, 1 << 20}},
    {"channel-splice", SYS_vmsplice, {5, PLACE(&pages), 1, 0}},
    {0},
};

/* A refused connection has reached the network. */
static long reach_loopback(void) {
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    long file = call3(SYS_socket, AF_INET, SOCK_STREAM, 0);
    if (file < 0) return file;
    long result = call3(SYS_connect, file, PLACE(&target), sizeof target);
    return result == -ECONNREFUSED ? 0 : result;
}

static long serve_port(void) {
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(28733), .sin_addr.s_addr = htonl(INADDR_ANY)};
    long file = call3(SYS_socket, AF_INET, SOCK_STREAM, 0);
    if (file < 0) return file;
    return call3(SYS_bind, file, PLACE(&target), sizeof target);
}

const struct hostile_steps hostile_network_steps[] = {
    {"reach-loopback", reach_loopback},
    {"serve-port", serve_port},
    {0},
};
