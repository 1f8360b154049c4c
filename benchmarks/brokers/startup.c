/*
 * startup - how long a broker takes from the start of its process to the first CONNECT that it accepts.
 *
 *     gcc -O2 -o startup startup.c && ./startup PORT COMMAND...
 *
 * Starts the command, tries to connect to 127.0.0.1:PORT every half millisecond, sends an MQTT 3.1.1 CONNECT and
 * awaits the CONNACK; then ends the command with SIGTERM. Prints two numbers: milliseconds until the CONNACK, and
 * milliseconds of processor time that the command had used by then. The command has to stay the broker itself
 * (a script ends in exec). What it prints goes where it would go without this.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 60000

static const uint8_t CONNECT[] = {0x10, 15, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 3, 'o', 'n', 'e'};
static const uint8_t ACCEPTED[] = {0x20, 2, 0, 0};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* 1: accepted, 0: nobody listens yet, -1: an answer that is no such CONNACK */
static int knock(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 10};
    uint8_t answer[sizeof ACCEPTED];
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), result = -1;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(s, (struct sockaddr *)&to, sizeof to)) result = errno == ECONNREFUSED ? 0 : -1;
    else if (send(s, CONNECT, sizeof CONNECT, MSG_NOSIGNAL) == sizeof CONNECT
             && recv(s, answer, sizeof answer, MSG_WAITALL) == sizeof answer && !memcmp(answer, ACCEPTED, sizeof answer))
        result = 1;
    close(s);
    return result;
}

static double cpu_ms(pid_t pid)                 /* of a live process; 10 ms ticks */
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f) return -1;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    unsigned long user = 0, system = 0;
    char *after = strrchr(text, ')');
    if (!after || sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) return -1;
    return (user + system) * 1e3 / sysconf(_SC_CLK_TCK);
}

int main(int argc, char **argv)
{
    if (argc < 3) { fprintf(stderr, "usage: startup PORT COMMAND...\n"); return 2; }
    int port = atoi(argv[1]), up = 0, status;
    if (knock(port)) { fprintf(stderr, "startup: port %d is taken\n", port); return 1; }
    double start = now_ms(), took = 0, cpu = 0;
    pid_t pid = fork();
    if (!pid) { execvp(argv[2], argv + 2); perror(argv[2]); _exit(127); }
    while (!up && now_ms() - start < PATIENCE_MS && waitpid(pid, &status, WNOHANG) == 0) {
        up = knock(port);
        took = now_ms() - start;
        cpu = cpu_ms(pid);
        if (!up) usleep(500);
    }
    if (kill(pid, SIGTERM) == 0) {
        for (int i = 0; i < 2000 && waitpid(pid, &status, WNOHANG) == 0; i++) usleep(10000);
        kill(pid, SIGKILL);
    }
    if (up != 1) { fprintf(stderr, "startup: no CONNECT was accepted\n"); return 1; }
    printf("%.1f %.0f\n", took, cpu);
    return 0;
}
