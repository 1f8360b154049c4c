/*
 * foreign - clients that take no part in what is measured.
 *
 *     gcc -O2 -o foreign foreign.c
 *     ./foreign sessions PORT COUNT FILTERS   COUNT clients, one after the other, make a session that outlives their
 *                                             connection, subscribe to FILTERS filters each that nobody publishes to,
 *                                             and go
 *     ./foreign end PORT COUNT 0              ends these sessions
 *     ./foreign slow PORT COUNT FILTER        COUNT clients subscribe to FILTER at QoS 0, and never read again
 *     ./foreign reads PORT COUNT FILTER       the same, and read whatever comes
 *
 * MQTT 3.1.1, to 127.0.0.1; slow and reads until they are killed. The connections come from many addresses, for each has some 28,000 ports only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_FILTERS 100

static void die(const char *what) { perror(what); exit(1); }

static size_t text(uint8_t *to, const char *s)
{
    size_t n = strlen(s);
    to[0] = n >> 8;
    to[1] = n;
    memcpy(to + 2, s, n);
    return n + 2;
}

/* sends a packet of this first byte, whose body begins at packet + 5; false if the broker is gone */
static int put(int s, uint8_t first, uint8_t *packet, size_t body)
{
    uint8_t length[4];
    int n = 0;
    for (size_t rest = body; n == 0 || rest; n++, rest >>= 7) length[n] = (rest & 127) | (rest > 127 ? 128 : 0);
    uint8_t *start = packet + 5 - n - 1;
    start[0] = first;
    memcpy(start + 1, length, n);
    return send(s, start, body + n + 1, MSG_NOSIGNAL) == (ssize_t)(body + n + 1);
}

/* awaits an answer of one length byte, and its first byte */
static void get(int s, uint8_t first)
{
    uint8_t answer[2 + 127];
    if (recv(s, answer, 2, MSG_WAITALL) != 2 || answer[0] != first || answer[1] > 127
        || recv(s, answer + 2, answer[1], MSG_WAITALL) != answer[1])
        die("no answer");
    for (int i = first == 0x90 ? 4 : 3; i < 2 + answer[1]; i++)
        if (answer[i] & 0x80 || (first == 0x20 && answer[i])) { fprintf(stderr, "foreign: refused\n"); exit(1); }
}

static int come(int port, const char *kind, int number, int clean, int buffer)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002 + number % 200)};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(s, IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &one, sizeof one);
    if (buffer) setsockopt(s, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(s, (struct sockaddr *)&from, sizeof from) || connect(s, (struct sockaddr *)&to, sizeof to)) die("connect");
    uint8_t p[64];
    char id[32];
    snprintf(id, sizeof id, "foreign-%s-%d", kind, number);
    size_t n = text(p + 5, "MQTT");
    p[5 + n++] = 4;
    p[5 + n++] = clean ? 2 : 0;
    p[5 + n++] = 0;                              /* no keep alive */
    p[5 + n++] = 0;
    n += text(p + 5 + n, id);
    if (!put(s, 0x10, p, n)) die("CONNECT");
    get(s, 0x20);
    return s;
}

static void subscribe(int s, char filters[][64], int count, int qos)
{
    uint8_t p[8 + MOST_FILTERS * 67];
    size_t n = 0;
    p[5 + n++] = 0;
    p[5 + n++] = 1;
    for (int i = 0; i < count; i++) {
        n += text(p + 5 + n, filters[i]);
        p[5 + n++] = qos;
    }
    if (!put(s, 0x82, p, n)) die("SUBSCRIBE");
    get(s, 0x90);
}

int main(int argc, char **argv)
{
    static char filters[MOST_FILTERS][64];
    if (argc != 5) { fprintf(stderr, "usage: foreign sessions|end PORT COUNT FILTERS | foreign slow|reads PORT COUNT FILTER\n"); return 2; }
    int port = atoi(argv[2]), count = atoi(argv[3]), each = atoi(argv[4]);
    int slow = !strcmp(argv[1], "slow");
    if (slow || !strcmp(argv[1], "reads")) {
        int ep = epoll_create1(0);
        snprintf(filters[0], sizeof filters[0], "%s", argv[4]);
        for (int i = 0; i < count; i++) {
            int s = come(port, "reader", i, 1, slow ? 4096 : 0);
            subscribe(s, filters, 1, 0);
            if (!slow) epoll_ctl(ep, EPOLL_CTL_ADD, s, &(struct epoll_event){.events = EPOLLIN, .data.fd = s});
        }
        for (;;) {
            static uint8_t waste[1 << 20];
            struct epoll_event e;
            if (epoll_wait(ep, &e, 1, -1) == 1 && recv(e.data.fd, waste, sizeof waste, 0) <= 0) die("closed");
        }
    }
    int end = !strcmp(argv[1], "end");
    if (!end && (each < 1 || each > MOST_FILTERS)) { fprintf(stderr, "foreign: 1 to %d filters\n", MOST_FILTERS); return 2; }
    for (int i = 0; i < count; i++) {
        uint8_t p[8];
        int s = come(port, "session", i, end, 0);
        for (int f = 0; f < each; f++) snprintf(filters[f], sizeof filters[f], "ml/foreign/%d/%d/+/%d", i % 1000, i, f);
        if (!end) subscribe(s, filters, each, 1);
        put(s, 0xE0, p, 0);
        close(s);
    }
    return 0;
}
