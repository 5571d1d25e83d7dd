/* A disk in trouble, for one process (LD_PRELOAD): it is full, read-only, slow or at fault, or the power goes.
 *
 * What happens is told by six numbers in the file DISK_CONTROL, which may change at any time (see disk.py); it happens
 * to files under the folder DISK_UNDER only. When the power goes at the n-th write, cut or sync, the process ends there,
 * and with `power` what was written since a file was last synced is gone from it: all (1), or some, some of it torn (2).
 * Names of files (creating, renaming, removing) are kept as they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NONE, FULL, READ_ONLY, FAULTY };
enum { MOST = 4096 };
struct control { volatile int fault, delay_ms, end_at, calls, power, seed; };
struct change { struct change *before; off_t at, size_before; size_t was, is; char *old, *new; int slot; };

static struct control nothing, *control = &nothing;
static const char *under;
static char watched[MOST];
static struct change *last;
static struct { dev_t device; ino_t inode; int handle; } files[64];
static int known;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name, type, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("DISK_CONTROL");
    int handle = path ? REAL("open64", int, const char *, int, ...)(path, O_RDWR) : -1;
    under = getenv("DISK_UNDER");
    if (handle < 0) return;
    void *seen = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    if (seen != MAP_FAILED) control = seen;
}

static void watch(int handle) {
    char name[32], path[4096];
    if (handle < 0 || handle >= MOST || !under) return;
    snprintf(name, sizeof name, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(name, path, sizeof path - 1);
    watched[handle] = length > 0 && !strncmp(path, under, strlen(under));
}

static int mine(int handle) { return handle >= 0 && handle < MOST && watched[handle]; }

/* A handle of our own on the file, never closed: closing any would let go of the process's locks on it. */
static int slot_of(int handle) {
    struct stat about;
    char name[32];
    fstat(handle, &about);
    for (int i = 0; i < known; i++)
        if (files[i].device == about.st_dev && files[i].inode == about.st_ino) return i;
    snprintf(name, sizeof name, "/proc/self/fd/%d", handle);
    if (known == 64) abort();
    files[known].device = about.st_dev;
    files[known].inode = about.st_ino;
    files[known].handle = REAL("open64", int, const char *, int, ...)(name, O_RDWR | O_CLOEXEC);
    return known++;
}

static void note(int handle, off_t at, const void *new, size_t is, off_t size_after) {
    struct stat about;
    if (!control->power) return;
    fstat(handle, &about);
    struct change *one = calloc(1, sizeof *one);
    off_t end = size_after > about.st_size ? size_after : about.st_size;
    one->slot = slot_of(handle);
    one->at = at;
    one->size_before = about.st_size;
    one->was = new ? (at < about.st_size ? (size_t)(about.st_size - at < (off_t)is ? about.st_size - at : (off_t)is) : 0)
                   : (size_t)(end - at);
    one->old = malloc(one->was + 1);
    if (one->was && pread(files[one->slot].handle, one->old, one->was, at) < 0) abort();
    one->is = is;
    if (new) one->new = memcpy(malloc(is + 1), new, is);
    one->before = last;
    last = one;
}

static void synced(int handle) {
    int slot = slot_of(handle);
    for (struct change **each = &last; *each;) {
        if ((*each)->slot == slot) *each = (*each)->before;
        else each = &(*each)->before;
    }
}

static int put(int handle, const char *data, size_t length, off_t at) {
    return REAL("pwrite64", ssize_t, int, const void *, size_t, off_t)(handle, data, length, at) == (ssize_t)length;
}

static int cut(int handle, off_t size) { return REAL("ftruncate64", int, int, off_t)(handle, size); }

/* Take back what was not synced, and perhaps do some of it again. */
static void end_here(void) {
    struct change *again = NULL;
    for (struct change *each = last, *next; each; each = next) {
        next = each->before;
        if (!put(files[each->slot].handle, each->old, each->was, each->at) || cut(files[each->slot].handle, each->size_before))
            abort();
        each->before = again;
        again = each;
    }
    srand(control->seed);
    for (; again && control->power == 2; again = again->before) {
        size_t kept = again->is;
        if (rand() % 2) continue;
        if (rand() % 4 == 0) kept = kept / 512 / 2 * 512;
        if (again->new ? !put(files[again->slot].handle, again->new, kept, again->at) : cut(files[again->slot].handle, again->at))
            abort();
    }
    kill(getpid(), SIGKILL);
}

static void count(void) {
    if (__sync_add_and_fetch(&control->calls, 1) == control->end_at) end_here();
}

static int refused(int fault) {
    if (fault == FULL) errno = ENOSPC;
    if (fault == READ_ONLY) errno = EROFS;
    if (fault == FAULTY) errno = EIO;
    return fault != NONE;
}

/* A full disk takes what is written over, and not what makes a file larger. */
static int no_room(int handle, off_t end) {
    struct stat about;
    fstat(handle, &about);
    return control->fault == FULL && end <= about.st_size ? NONE : control->fault;
}

static ssize_t store(int handle, const void *data, size_t length, off_t at, int appends) {
    struct stat about;
    pthread_mutex_lock(&turn);
    count();
    if (appends) at = fstat(handle, &about) ? 0 : about.st_size;
    ssize_t done = -1;
    if (!refused(no_room(handle, at + (off_t)length))) {
        note(handle, at, data, length, at + (off_t)length);
        done = appends ? REAL("write", ssize_t, int, const void *, size_t)(handle, data, length)
                       : REAL("pwrite64", ssize_t, int, const void *, size_t, off_t)(handle, data, length, at);
    }
    pthread_mutex_unlock(&turn);
    return done;
}

static int sync_it(int handle, const char *name) {
    if (!mine(handle)) return REAL(name, int, int)(handle);
    struct timespec wait = {control->delay_ms / 1000, control->delay_ms % 1000 * 1000000L};
    if (control->delay_ms) nanosleep(&wait, NULL);
    pthread_mutex_lock(&turn);
    count();
    int bad = refused(control->fault == FAULTY ? FAULTY : NONE);
    if (!bad && control->power) synced(handle);
    pthread_mutex_unlock(&turn);
    return bad ? -1 : control->end_at ? 0 : REAL(name, int, int)(handle);
}

static int shorten(int handle, off_t size) {
    if (!mine(handle)) return cut(handle, size);
    pthread_mutex_lock(&turn);
    count();
    int done = -1;
    if (!refused(no_room(handle, size))) {
        note(handle, size, NULL, 0, size);
        done = cut(handle, size);
    }
    pthread_mutex_unlock(&turn);
    return done;
}

static int opened(const char *name, int at, const char *path, int flags, mode_t mode) {
    int changes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
    if (control->fault == READ_ONLY && changes && under && path && !strncmp(path, under, strlen(under))) {
        errno = EROFS;
        return -1;
    }
    int handle = name[4] ? REAL("openat64", int, int, const char *, int, ...)(at, path, flags, mode)
                         : REAL("open64", int, const char *, int, ...)(path, flags, mode);
    watch(handle);
    return handle;
}

#define MODE va_list more; va_start(more, flags); mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; va_end(more)
int open(const char *path, int flags, ...) { MODE; return opened("open", 0, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE; return opened("open", 0, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE; return opened("openat", at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE; return opened("openat", at, path, flags, mode); }

int close(int handle) {
    if (handle >= 0 && handle < MOST) watched[handle] = 0;
    return REAL("close", int, int)(handle);
}

ssize_t pwrite64(int handle, const void *data, size_t length, off_t at) {
    if (mine(handle)) return store(handle, data, length, at, 0);
    return REAL("pwrite64", ssize_t, int, const void *, size_t, off_t)(handle, data, length, at);
}
ssize_t pwrite(int handle, const void *data, size_t length, off_t at) { return pwrite64(handle, data, length, at); }

ssize_t write(int handle, const void *data, size_t length) {
    if (mine(handle)) return store(handle, data, length, 0, 1);
    return REAL("write", ssize_t, int, const void *, size_t)(handle, data, length);
}

int fsync(int handle) { return sync_it(handle, "fsync"); }
int fdatasync(int handle) { return sync_it(handle, "fdatasync"); }
int ftruncate64(int handle, off_t size) { return shorten(handle, size); }
int ftruncate(int handle, off_t size) { return shorten(handle, size); }
