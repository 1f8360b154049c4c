/*
 * Writes down what a process does to the files below a directory, so that a test can tell what a power cut would have
 * left. Preloaded: POWERCUT_DIRECTORY is the directory, POWERCUT_LOG the file to append to.
 *
 * A record is seven 8-byte numbers of the machine's byte order (kind, handle, offset, flags, lengths of the two names or
 * of the data, place in the log) and then names or data. Changes are written down before they are made; a sync after it
 * was done, with the place where the log ended when it began: what came during a sync is not part of it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPEN = 1, WRITE, TRUNCATE, ALLOCATE, SYNC, RENAME, UNLINK, LINK, UNKNOWN };
enum { MOST_FILES = 65536 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char directory[PATH_MAX];
static size_t directory_length;
static int log_file = -1;
static uint64_t log_end;
static uint64_t handles[MOST_FILES]; /* by descriptor; 0: not below the directory */
static uint64_t last_handle;

#define REAL(name) \
    static __typeof__(name) *real; \
    if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *where = getenv("POWERCUT_DIRECTORY");
    if (where != NULL && realpath(where, directory) != NULL) directory_length = strlen(directory);
}

/* The name below the directory, "" for itself; NULL for what lies elsewhere. Good until the thread's next but one. */
static const char *below(int at, const char *path) {
    static __thread char buffers[2][2 * PATH_MAX];
    static __thread int turn;
    char *whole = buffers[turn ^= 1];
    if (directory_length == 0 || path == NULL) return NULL;
    if (path[0] != '/') {
        char link[64], base[PATH_MAX];
        ssize_t length;
        if (at == AT_FDCWD) {
            if (getcwd(base, sizeof base) == NULL) return NULL;
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", at);
            if ((length = readlink(link, base, sizeof base - 1)) < 0) return NULL;
            base[length] = 0;
        }
        snprintf(whole, sizeof buffers[0], "%s/%s", base, path);
        path = whole;
    }
    if (strncmp(path, directory, directory_length) != 0) return NULL;
    path += directory_length;
    if (*path != 0 && *path != '/') return NULL;
    while (*path == '/') path++;
    return path;
}

/* With the lock. */
static void record(uint64_t kind, uint64_t handle, uint64_t offset, uint64_t flags, const char *first,
                   const struct iovec *data, int count) {
    REAL(writev);
    struct iovec parts[66];
    uint64_t head[7] = {kind, handle, offset, flags, first == NULL ? 0 : strlen(first), 0, log_end};
    int used = 1;
    ssize_t written;
    if (log_file < 0) {
        REAL(open);
        log_file = real(getenv("POWERCUT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (log_file < 0) abort();
    }
    if (first != NULL) parts[used++] = (struct iovec){(void *)first, strlen(first)};
    for (int i = 0; i < count && used < 66; i++) {
        parts[used++] = data[i];
        head[5] += data[i].iov_len;
    }
    parts[0] = (struct iovec){head, sizeof head};
    written = real(log_file, parts, used);
    if (written != (ssize_t)(sizeof head + head[4] + head[5])) abort();
    log_end += written;
}

static uint64_t handle_of(int fd) { return fd >= 0 && fd < MOST_FILES ? handles[fd] : 0; }

static void record_text(uint64_t kind, const char *first, const char *second) {
    struct iovec text = {(void *)second, second == NULL ? 0 : strlen(second)};
    record(kind, 0, 0, 0, first, &text, second == NULL ? 0 : 1);
}

/* Opening: the file is there before it is written down, under the lock, so that nobody can write to it meanwhile. */
static int opened(int fd, const char *name, int flags) {
    if (fd >= MOST_FILES) abort();
    if (fd >= 0) {
        handles[fd] = ++last_handle;
        record(OPEN, last_handle, 0, (flags & O_TRUNC) != 0, name, NULL, 0);
    }
    return fd;
}

#define OPENING(function, at, path, call) \
    REAL(function); \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
    const char *name = below(at, path); \
    if (name == NULL) return call; \
    pthread_mutex_lock(&lock); \
    int fd = opened(call, name, flags); \
    int error = errno; \
    pthread_mutex_unlock(&lock); \
    errno = error; \
    return fd

int open(const char *path, int flags, ...) { OPENING(open, AT_FDCWD, path, real(path, flags, mode)); }
int open64(const char *path, int flags, ...) { OPENING(open64, AT_FDCWD, path, real(path, flags, mode)); }
int openat(int at, const char *path, int flags, ...) { OPENING(openat, at, path, real(at, path, flags, mode)); }
int openat64(int at, const char *path, int flags, ...) { OPENING(openat64, at, path, real(at, path, flags, mode)); }
int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

FILE *fopen(const char *path, const char *mode) {
    REAL(fopen);
    if (strpbrk(mode, "wa+") != NULL && below(AT_FDCWD, path) != NULL) {
        pthread_mutex_lock(&lock);
        record_text(UNKNOWN, "fopen", path);
        pthread_mutex_unlock(&lock);
    }
    return real(path, mode);
}

int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < MOST_FILES) handles[fd] = 0;
    return real(fd);
}

static void written(int fd, const struct iovec *data, int count, off_t offset) {
    struct stat status;
    if (offset < 0) {
        int flags = fcntl(fd, F_GETFL);
        offset = flags >= 0 && (flags & O_APPEND) && fstat(fd, &status) == 0 ? status.st_size : lseek(fd, 0, SEEK_CUR);
    }
    record(WRITE, handles[fd], (uint64_t)offset, 0, NULL, data, count);
}

#define CHANGING(fd, before, call) \
    if (handle_of(fd) == 0) return call; \
    pthread_mutex_lock(&lock); \
    before; \
    __typeof__(call) result = call; \
    int error = errno; \
    pthread_mutex_unlock(&lock); \
    errno = error; \
    return result

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(write);
    struct iovec data = {(void *)bytes, length};
    CHANGING(fd, written(fd, &data, 1, -1), real(fd, bytes, length));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite);
    struct iovec data = {(void *)bytes, length};
    CHANGING(fd, written(fd, &data, 1, offset), real(fd, bytes, length, offset));
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    REAL(pwrite64);
    struct iovec data = {(void *)bytes, length};
    CHANGING(fd, written(fd, &data, 1, offset), real(fd, bytes, length, offset));
}

ssize_t writev(int fd, const struct iovec *data, int count) {
    REAL(writev);
    CHANGING(fd, written(fd, data, count, -1), real(fd, data, count));
}

ssize_t pwritev(int fd, const struct iovec *data, int count, off_t offset) {
    REAL(pwritev);
    CHANGING(fd, written(fd, data, count, offset), real(fd, data, count, offset));
}

int ftruncate(int fd, off_t length) {
    REAL(ftruncate);
    CHANGING(fd, record(TRUNCATE, handles[fd], (uint64_t)length, 0, NULL, NULL, 0), real(fd, length));
}

int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    CHANGING(fd, record(TRUNCATE, handles[fd], (uint64_t)length, 0, NULL, NULL, 0), real(fd, length));
}

#define ALLOCATING \
    record(ALLOCATE, handles[fd], (uint64_t)(offset + length), !(mode & FALLOC_FL_KEEP_SIZE), NULL, NULL, 0)

int fallocate(int fd, int mode, off_t offset, off_t length) {
    REAL(fallocate);
    CHANGING(fd, ALLOCATING, real(fd, mode, offset, length));
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    REAL(fallocate64);
    CHANGING(fd, ALLOCATING, real(fd, mode, offset, length));
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    REAL(posix_fallocate);
    int mode = 0;
    CHANGING(fd, ALLOCATING, real(fd, offset, length));
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    REAL(mmap);
    if (handle_of(fd) != 0 && (protection & PROT_WRITE) && (flags & MAP_SHARED)) {
        pthread_mutex_lock(&lock);
        record_text(UNKNOWN, "mmap", NULL);
        pthread_mutex_unlock(&lock);
    }
    return real(address, length, protection, flags, fd, offset);
}

#define SYNCING(call) \
    uint64_t handle = handle_of(fd); \
    if (handle == 0) return call; \
    pthread_mutex_lock(&lock); \
    uint64_t place = log_end; \
    pthread_mutex_unlock(&lock); \
    int result = call; \
    int error = errno; \
    pthread_mutex_lock(&lock); \
    if (result == 0) record(SYNC, handle, place, 0, NULL, NULL, 0); \
    pthread_mutex_unlock(&lock); \
    errno = error; \
    return result

int fsync(int fd) {
    REAL(fsync);
    SYNCING(real(fd));
}

int fdatasync(int fd) {
    REAL(fdatasync);
    SYNCING(real(fd));
}

#define NAMING(kind, from_at, from, to, call) \
    const char *first = below(from_at, from); \
    const char *second = to; \
    if (first == NULL) return call; \
    pthread_mutex_lock(&lock); \
    record_text(kind, first, second); \
    int result = call; \
    int error = errno; \
    pthread_mutex_unlock(&lock); \
    errno = error; \
    return result

int rename(const char *from, const char *to) {
    REAL(rename);
    NAMING(RENAME, AT_FDCWD, from, below(AT_FDCWD, to), real(from, to));
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
    REAL(renameat);
    NAMING(RENAME, from_at, from, below(to_at, to), real(from_at, from, to_at, to));
}

int link(const char *from, const char *to) {
    REAL(link);
    NAMING(LINK, AT_FDCWD, from, below(AT_FDCWD, to), real(from, to));
}

int unlink(const char *path) {
    REAL(unlink);
    NAMING(UNLINK, AT_FDCWD, path, NULL, real(path));
}

int remove(const char *path) { return unlink(path); } /* there are no directories to be removed */

int unlinkat(int at, const char *path, int flags) {
    REAL(unlinkat);
    NAMING(UNLINK, at, path, NULL, real(at, path, flags));
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    if (below(AT_FDCWD, path) != NULL && *below(AT_FDCWD, path) != 0) {
        pthread_mutex_lock(&lock);
        record_text(UNKNOWN, "mkdir", path);
        pthread_mutex_unlock(&lock);
    }
    return real(path, mode);
}
