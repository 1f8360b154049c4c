/*
 * opposite - not a broker: the least that can stand at the other end of a client, so that the client is the limit.
 *
 *     gcc -O2 -o opposite opposite.c && ./opposite
 *
 * One thread, epoll, loopback only, MQTT 5 only. Prints its port, and ends when its standard input does. It grants 100
 * messages in flight (receive maximum), acknowledges QoS 1 and 2, and counts. What was subscribed to says what comes:
 *
 *     blast/SIZE/#   QoS 0 messages of SIZE bytes to blast/SIZE/0 to 15, as fast as they are taken; each begins with its
 *                    number in eight bytes, big-endian. After UNSUBSCRIBE comes one to blast/SIZE/end, with the number
 *                    of all before it, and then UNSUBACK.
 *     echo/...       each PUBLISH to a topic that begins with echo/ comes back as it was
 *     count          one QoS 0 message: how many PUBLISH of QoS 0, 1 and 2 came, and PUBREL, in eight bytes each
 *
 * What a client does not take waits in one buffer for it; while that is full, nothing is read from this client.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAXFD 4096
#define IN_SIZE (256 << 10)             /* the largest packet that can be read */
#define OUT_FULL (256 << 10)
#define OUT_SIZE (OUT_FULL + 2 * IN_SIZE) /* what a full input may answer at most fits on top of it */

struct conn {
    uint8_t *in, *out;
    uint32_t in_len, out_len, out_at, interest;
    int blast, echo;                    /* payload bytes of each message, 0: no blast */
    uint64_t sent, counts[4];           /* PUBLISH by QoS; PUBREL */
};
static struct conn *conns[MAXFD];
static int ep;

static void put(struct conn *c, const void *p, uint32_t n)
{
    if (c->out_len + n > OUT_SIZE) { fprintf(stderr, "opposite: the output overflows\n"); exit(1); }
    memcpy(c->out + c->out_len, p, n);
    c->out_len += n;
}

static void put_publish(struct conn *c, const char *topic, const uint8_t *payload, uint32_t n)
{
    uint32_t topic_len = strlen(topic), remaining = 2 + topic_len + 1 + n, k = 1;
    uint8_t head[8] = {0x30};
    do { head[k] = remaining & 127; remaining >>= 7; if (remaining) head[k] |= 128; k++; } while (remaining);
    head[k++] = topic_len >> 8;
    head[k++] = topic_len;
    put(c, head, k);
    put(c, topic, topic_len);
    put(c, "\0", 1);
    put(c, payload, n);
}

static void big_endian(uint8_t *to, uint64_t n) { for (int i = 7; i >= 0; i--, n >>= 8) to[i] = n; }

static void blast(struct conn *c, const char *last)
{
    static uint8_t payload[65536];
    char topic[64];
    big_endian(payload, c->sent);
    snprintf(topic, sizeof topic, last ? "blast/%d/end" : "blast/%d/%d", c->blast, (int)(c->sent & 15));
    put_publish(c, topic, payload, c->blast);
    c->sent++;
}

static void subscribe(struct conn *c, const uint8_t *b, int on)
{
    uint32_t at = 3 + b[2], n = b[at] << 8 | b[at + 1];  /* short properties, one filter */
    char filter[128] = "";
    int size;
    memcpy(filter, b + at + 2, n < 127 ? n : 127);
    if (sscanf(filter, "blast/%d/#", &size) == 1 && size >= 8 && size <= 65536) {
        if (on) { c->blast = size; c->sent = 0; }
        else { blast(c, "end"); c->blast = 0; }
    }
    if (!strncmp(filter, "echo/", 5)) c->echo = on;
    put(c, (uint8_t[]){on ? 0x90 : 0xb0, 4, b[0], b[1], 0, on ? b[at + 2 + n] & 3 : 0}, 6);
    if (on && !strcmp(filter, "count")) {
        uint8_t counts[32];
        for (int i = 0; i < 4; i++) big_endian(counts + 8 * i, c->counts[i]);
        put_publish(c, "count", counts, sizeof counts);
    }
}

static void packet(struct conn *c, const uint8_t *whole, const uint8_t *b, uint32_t n)
{
    switch (whole[0] >> 4) {
    case 1: put(c, "\x20\x06\0\0\x03\x21\0\x64", 8); return;
    case 12: put(c, "\xd0\0", 2); return;
    case 6: c->counts[3]++; put(c, (uint8_t[]){0x70, 2, b[0], b[1]}, 4); return;
    case 8: subscribe(c, b, 1); return;
    case 10: subscribe(c, b, 0); return;
    case 3: {
        int qos = whole[0] >> 1 & 3;
        uint32_t topic_len = b[0] << 8 | b[1];
        const uint8_t *id = b + 2 + topic_len;
        c->counts[qos]++;
        if (qos) put(c, (uint8_t[]){qos == 1 ? 0x40 : 0x50, 2, id[0], id[1]}, 4);
        if (c->echo && topic_len > 5 && !memcmp(b + 2, "echo/", 5)) put(c, whole, b + n - whole);
    }
    }
}

static void gone(int fd)
{
    struct conn *c = conns[fd];
    conns[fd] = NULL;
    close(fd);
    free(c->in);
    free(c->out);
    free(c);
}

static int readable(struct conn *c, int fd)
{
    ssize_t r = recv(fd, c->in + c->in_len, IN_SIZE - c->in_len, MSG_DONTWAIT);
    if (r <= 0) return r < 0 && errno == EAGAIN;
    uint8_t *p = c->in, *end = p + c->in_len + r;
    while (end - p >= 2) {
        uint32_t len = 0, k = 1;
        for (;; k++) {
            if (k > 4 || p + k >= end) { k = 0; break; }
            len |= (uint32_t)(p[k] & 127) << 7 * (k - 1);
            if (!(p[k] & 128)) { k++; break; }
        }
        if (!k || (uint32_t)(end - p) < k + len) break;
        packet(c, p, p + k, len);
        p += k + len;
    }
    c->in_len = end - p;
    memmove(c->in, p, c->in_len);
    return c->in_len < IN_SIZE;
}

static int flush(struct conn *c, int fd)
{
    while (c->blast && c->out_len < OUT_FULL) blast(c, NULL);
    if (c->out_len) {
        ssize_t r = send(fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (r < 0 && errno != EAGAIN) return 0;
        if (r > 0) c->out_at += r;
    }
    if (c->out_at == c->out_len || c->out_at > OUT_FULL / 2) {
        c->out_len -= c->out_at;
        memmove(c->out, c->out + c->out_at, c->out_len);
        c->out_at = 0;
    }
    uint32_t interest = (c->out_len < OUT_FULL || c->blast ? EPOLLIN : 0) | (c->out_len || c->blast ? EPOLLOUT : 0);
    if (interest != c->interest) {
        struct epoll_event e = {.events = interest, .data.fd = fd};
        epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e);
        c->interest = interest;
    }
    return 1;
}

static void welcome(int listener)
{
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MAXFD) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct conn *c = conns[fd] = calloc(1, sizeof *c);
        c->in = malloc(IN_SIZE);
        c->out = malloc(OUT_SIZE);
        c->interest = EPOLLIN;
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    }
}

int main(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    struct epoll_event events[256], e = {.events = EPOLLIN};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    signal(SIGPIPE, SIG_IGN);
    if (bind(listener, (void *)&a, size) || listen(listener, MAXFD) || getsockname(listener, (void *)&a, &size)) {
        perror("opposite");
        return 1;
    }
    printf("%d\n", ntohs(a.sin_port));
    fflush(stdout);
    ep = epoll_create1(0);
    e.data.fd = listener;
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    e.data.fd = 0;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, 0, &e)) { perror("opposite: standard input is to be a pipe"); return 1; }
    for (;;) {
        int n = epoll_wait(ep, events, 256, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == 0) return 0;
            if (fd == listener) { welcome(fd); continue; }
            struct conn *c = conns[fd];
            int alive = !(events[i].events & EPOLLERR);
            if (alive && events[i].events & (EPOLLIN | EPOLLHUP)) alive = readable(c, fd);
            if (!alive || !flush(c, fd)) gone(fd);
        }
    }
}
