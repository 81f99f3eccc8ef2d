/* A disk whose syncs begin to fail, for one program: preloaded (LD_PRELOAD), fsync and fdatasync of the files whose path
 * holds $FAILING_DISK_OF give EIO as soon as the file $FAILING_DISK_FROM exists, and from then on only that: after a
 * failed sync Linux may have dropped what was not written, whatever the next one says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
    const char *of = getenv("FAILING_DISK_OF"), *from = getenv("FAILING_DISK_FROM");
    char link[64], path[4096];
    ssize_t length;
    if (!of || !from || access(from, F_OK) != 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return strstr(path, of) != NULL;
}

static int sync_by(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (fails(fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

int fsync(int fd) { return sync_by("fsync", fd); }
int fdatasync(int fd) { return sync_by("fdatasync", fd); }
