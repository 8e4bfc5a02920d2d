/* Sockets, and the one to the agent. */
#include "hostile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static int pair[2], one = 1;
static char address[128];
static unsigned address_size = sizeof address;
static struct msghdr message;

const struct hostile_call hostile_network_calls[] = {
    {"socket-internet", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
    {"socket-internet-6", SYS_socket, {AF_INET6, SOCK_DGRAM, 0}},
    {"socket-local", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
    {"socket-netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}},
    {"socket-packet", SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
    {"socket-pair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, PLACE(pair)}},
    {"channel-send", SYS_sendmsg, {3, PLACE(&message), 0}},
    {"channel-receive", SYS_recvmsg, {3, PLACE(&message), MSG_DONTWAIT}},
    {"channel-peer", SYS_getpeername, {3, PLACE(address), PLACE(&address_size)}},
    {"channel-option", SYS_setsockopt, {3, SOL_SOCKET, SO_PASSCRED, PLACE(&one), sizeof one}},
    {"channel-shut", SYS_shutdown, {3, SHUT_RDWR}},
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
