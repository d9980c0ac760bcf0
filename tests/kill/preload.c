/* Ends a program at its nth change of the file system: what it has done until then is on the disk, and
   nothing more. With SIGNET_KILL_COUNT=FILE it counts such changes and writes their number there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long done;

static void point(void) {
    static long at = -1;
    if (at < 0) {
        const char *text = getenv("SIGNET_KILL_AT");
        at = text ? atol(text) : 0;
    }
    if (atomic_fetch_add(&done, 1) + 1 == at) {
        kill(getpid(), SIGKILL);
    }
}

__attribute__((destructor)) static void count(void) {
    const char *path = getenv("SIGNET_KILL_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", atomic_load(&done));
        fclose(file);
    }
}

#define WRAP(name, declared, passed)                                                                         \
    int name declared {                                                                                      \
        int(*real) declared = dlsym(RTLD_NEXT, #name);                                                       \
        point();                                                                                             \
        return real passed;                                                                                  \
    }

WRAP(rename, (const char *from, const char *to), (from, to))
WRAP(unlink, (const char *path), (path))
WRAP(unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
WRAP(rmdir, (const char *path), (path))
WRAP(mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(fsync, (int file), (file))
WRAP(fdatasync, (int file), (file))
WRAP(ftruncate64, (int file, off64_t length), (file, length))
