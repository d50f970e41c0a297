/*
 * Writes down, in one order, what a process writes to its data files, which of them it syncs, and
 * what it answers.
 *
 * Preloaded into the program under test. SYNCED_UNDER is the folder whose files are watched,
 * SYNCED_LOG the file that gets the events. An event is: one byte of kind ('w' a write, 's' a sync
 * that has returned, 'a' bytes that are about to be sent), the lengths of path and data as 32 bits
 * each in the machine's order, the path, the data. Never: changes what a call does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t one_order = PTHREAD_MUTEX_INITIALIZER;
static const char *under;
static int events = -1;

__attribute__((constructor)) static void begin(void) {
    const char *log = getenv("SYNCED_LOG");
    under = getenv("SYNCED_UNDER");
    if (log && under) events = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void put(const void *bytes, size_t length) {
    while (length > 0) {
        ssize_t put = syscall(SYS_write, events, bytes, length);
        if (put <= 0) abort();
        bytes = (const char *)bytes + put;
        length -= (size_t)put;
    }
}

/* The path of a watched file; 0 when it is none. */
static int watched(int fd, char path[4096]) {
    char link[64];
    if (events < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    if (length < 0) return 0;
    path[length] = 0;
    return strncmp(path, under, strlen(under)) == 0;
}

static int is_socket(int fd) {
    struct stat about;
    return events >= 0 && fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

static void event(char kind, const char *path, const struct iovec *parts, int count) {
    uint32_t lengths[2] = {(uint32_t)strlen(path), 0};
    for (int part = 0; part < count; part++) lengths[1] += (uint32_t)parts[part].iov_len;
    pthread_mutex_lock(&one_order);
    put(&kind, 1);
    put(lengths, sizeof lengths);
    put(path, lengths[0]);
    for (int part = 0; part < count; part++) put(parts[part].iov_base, parts[part].iov_len);
    pthread_mutex_unlock(&one_order);
}

static void wrote(int fd, const struct iovec *parts, int count) {
    char path[4096];
    if (watched(fd, path)) event('w', path, parts, count);
    else if (is_socket(fd)) event('a', "", parts, count);
}

static int synced(int fd, int outcome) {
    char path[4096];
    if (outcome == 0 && watched(fd, path)) event('s', path, NULL, 0);
    return outcome;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WHOLE(bytes, length) (&(struct iovec){(void *)(bytes), (length)})

ssize_t write(int fd, const void *bytes, size_t length) {
    wrote(fd, WHOLE(bytes, length), 1);
    return REAL(write)(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    wrote(fd, WHOLE(bytes, length), 1);
    return REAL(pwrite)(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    wrote(fd, WHOLE(bytes, length), 1);
    return REAL(pwrite64)(fd, bytes, length, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    wrote(fd, parts, count);
    return REAL(writev)(fd, parts, count);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    wrote(fd, WHOLE(bytes, length), 1);
    return REAL(send)(fd, bytes, length, flags);
}

ssize_t sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    wrote(fd, WHOLE(bytes, length), 1);
    return REAL(sendto)(fd, bytes, length, flags, to, size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    wrote(fd, message->msg_iov, (int)message->msg_iovlen);
    return REAL(sendmsg)(fd, message, flags);
}

int fdatasync(int fd) {
    return synced(fd, REAL(fdatasync)(fd));
}

int fsync(int fd) {
    return synced(fd, REAL(fsync)(fd));
}
