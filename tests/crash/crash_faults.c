/* Makes the disk fail on demand: preloaded into a process, reads what to do from $PARLEY_FAULT.
 *
 * The file holds "CALL ERRNO": "sync 5" fails every fsync and fdatasync with EIO, "write 28" every
 * write to a database or its log with ENOSPC. Failed calls are counted in $PARLEY_FAULT.count.
 * Only files whose name contains "parley.db" are meant. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_meant(int fd) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length <= 0) return 0;
    name[length] = 0;
    return strstr(name, "parley.db") != NULL && strstr(name, ".lock") == NULL;
}

static int failing(int fd, const char *call) {
    const char *path = getenv("PARLEY_FAULT");
    if (path == NULL || !is_meant(fd)) return 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    char wanted[16];
    int number = 0;
    int found = fscanf(file, "%15s %d", wanted, &number);
    fclose(file);
    if (found != 2 || strcmp(wanted, call) != 0) return 0;
    char counting[4096];
    snprintf(counting, sizeof counting, "%s.count", path);
    FILE *count = fopen(counting, "ae");
    if (count != NULL) {
        fputc('x', count);
        fclose(count);
    }
    return number;
}

int fsync(int fd) {
    static int (*real)(int);
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int number = failing(fd, "sync");
    if (number == 0) return real(fd);
    errno = number;
    return -1;
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int number = failing(fd, "sync");
    if (number == 0) return real(fd);
    errno = number;
    return -1;
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (real == NULL) real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    int number = failing(fd, "write");
    if (number == 0) return real(fd, from, size, at);
    errno = number;
    return -1;
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at) {
    return pwrite64(fd, from, size, at);
}
