/*
 * Makes the syncs of a process slow, as a disk that is overloaded does. Preloaded: below SLOWDISK_DIRECTORY each sync takes
 * SLOWDISK_MILLIS more while the file SLOWDISK_SWITCH exists.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void wait_for(int file) {
    const char *directory = getenv("SLOWDISK_DIRECTORY");
    const char *lever = getenv("SLOWDISK_SWITCH");
    const char *millis = getenv("SLOWDISK_MILLIS");
    char link[64], path[PATH_MAX];
    ssize_t length;
    if (directory == NULL || lever == NULL || millis == NULL || access(lever, F_OK) != 0) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if ((length = readlink(link, path, sizeof path - 1)) < 0) return;
    path[length] = 0;
    if (strncmp(path, directory, strlen(directory)) == 0) usleep((useconds_t)atoi(millis) * 1000);
}

int fsync(int file) {
    static __typeof__(fsync) *real;
    if (real == NULL) real = (__typeof__(fsync) *)dlsym(RTLD_NEXT, "fsync");
    wait_for(file);
    return real(file);
}

int fdatasync(int file) {
    static __typeof__(fdatasync) *real;
    if (real == NULL) real = (__typeof__(fdatasync) *)dlsym(RTLD_NEXT, "fdatasync");
    wait_for(file);
    return real(file);
}
