// A VFS over memory. Each file is what programs see now, what would be there after a power cut, and the writes between the two, in order. A sync of
// a file makes the two equal; a power cut leaves of the writes what chance leaves. Files that are made or deleted are so at once: SQLite's write-ahead
// log does not hang on that. Shared memory is the heap's, and locks are kept as SQLite asks, for there are several connections in one process.
#include "CPowerVFS.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 64, REGIONS = 64, SECTOR = 512 };

typedef struct { int64_t at, count; unsigned char *bytes; } Op; // bytes NULL: truncation to `at`

typedef struct {
    char name[512];
    int used, opens;
    unsigned char *now, *kept;
    int64_t size, keptSize, room;
    Op *ops;
    int count, roomOps;
    int shared, reserved, pending, exclusive; // locks of the file
    void *regions[REGIONS];
    int shmShared[SQLITE_SHM_NLOCK], shmExclusive[SQLITE_SHM_NLOCK];
} File;

typedef struct { sqlite3_file base; File *file; int lock, isTemporary; uint16_t shmShared, shmExclusive; } Handle;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static File files[FILES], saved[FILES];
static uint64_t effectsLeft, nthLeft, chance = 1, temporary;
static int isCounting, isGone, nthCode, nthFailed;
static sqlite3_int64 clockNow = 212000000000000LL;

static uint64_t next(void) {
    uint64_t z = (chance += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

// MARK: The disk

static void dropOps(File *f) {
    for (int i = 0; i < f->count; i++) free(f->ops[i].bytes);
    free(f->ops);
    f->ops = NULL;
    f->count = f->roomOps = 0;
}

static void empty(File *f) {
    dropOps(f);
    free(f->now);
    free(f->kept);
    for (int i = 0; i < REGIONS; i++) free(f->regions[i]);
    memset(f, 0, sizeof *f);
}

static File *find(const char *name, int make) {
    File *spare = NULL;
    for (int i = 0; i < FILES; i++) {
        if (files[i].used && strcmp(files[i].name, name) == 0) return &files[i];
        if (!files[i].used && !spare) spare = &files[i];
    }
    if (!make || !spare || strlen(name) >= sizeof spare->name) return NULL;
    strcpy(spare->name, name);
    spare->used = 1;
    return spare;
}

static File *ending(const char *end) {
    for (int i = 0; i < FILES; i++) {
        size_t n = strlen(files[i].name), e = strlen(end);
        if (files[i].used && n >= e && strcmp(files[i].name + n - e, end) == 0) return &files[i];
    }
    return NULL;
}

static int grow(unsigned char **bytes, int64_t *room, int64_t size) {
    if (size <= *room) return 1;
    int64_t wanted = size + size / 2 + 4096;
    unsigned char *more = realloc(*bytes, (size_t)wanted);
    if (!more) return 0;
    *bytes = more;
    *room = wanted;
    return 1;
}

static void apply(unsigned char **bytes, int64_t *room, int64_t *size, int64_t at, int64_t count, const unsigned char *data) {
    if (!data) {
        if (at < *size) *size = at;
        return;
    }
    if (!grow(bytes, room, at + count)) return;
    if (at > *size) memset(*bytes + *size, 0, (size_t)(at - *size));
    memcpy(*bytes + at, data, (size_t)count);
    if (at + count > *size) *size = at + count;
}

static void sync_(File *f) {
    free(f->kept);
    f->kept = malloc((size_t)f->size + 1);
    memcpy(f->kept, f->now, (size_t)f->size);
    f->keptSize = f->size;
    dropOps(f);
}

static void copyDisk(File *to, const File *from) {
    for (int i = 0; i < FILES; i++) empty(&to[i]);
    for (int i = 0; i < FILES; i++) {
        if (!from[i].used) continue;
        strcpy(to[i].name, from[i].name);
        to[i].used = 1;
        to[i].size = to[i].keptSize = from[i].size;
        to[i].room = from[i].size + 1;
        to[i].now = malloc((size_t)from[i].size + 1);
        to[i].kept = malloc((size_t)from[i].size + 1);
        if (from[i].size) {
            memcpy(to[i].now, from[i].now, (size_t)from[i].size);
            memcpy(to[i].kept, from[i].now, (size_t)from[i].size);
        }
    }
}

// MARK: What goes wrong

/// Called before each effect. 0: it may happen.
static int effect(void) {
    if (isGone) return SQLITE_IOERR;
    if (isCounting && effectsLeft-- == 0) {
        isGone = 1;
        return SQLITE_IOERR;
    }
    if (nthLeft && --nthLeft == 0) {
        nthFailed = 1;
        return nthCode;
    }
    return 0;
}

void power_disk_reset(void) {
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < FILES; i++) empty(&files[i]);
    isCounting = isGone = nthFailed = 0;
    nthLeft = 0;
    pthread_mutex_unlock(&mutex);
}

void power_disk_save(void) {
    pthread_mutex_lock(&mutex);
    copyDisk(saved, files);
    pthread_mutex_unlock(&mutex);
}

void power_disk_load(void) {
    pthread_mutex_lock(&mutex);
    copyDisk(files, saved);
    isCounting = isGone = nthFailed = 0;
    nthLeft = 0;
    pthread_mutex_unlock(&mutex);
}

void power_fail_after(uint64_t effects) {
    pthread_mutex_lock(&mutex);
    effectsLeft = effects;
    isCounting = 1;
    pthread_mutex_unlock(&mutex);
}

int power_is_gone(void) { return isGone; }

void power_fail_nth(uint64_t n, int code) {
    pthread_mutex_lock(&mutex);
    nthLeft = n;
    nthCode = code;
    nthFailed = 0;
    pthread_mutex_unlock(&mutex);
}

int power_nth_failed(void) { return nthFailed; }

void power_restore(uint64_t seed) {
    pthread_mutex_lock(&mutex);
    chance = seed;
    for (int i = 0; i < FILES; i++) {
        File *f = &files[i];
        if (!f->used) continue;
        int64_t room = f->keptSize;
        // The disk may have written them in another order.
        if (next() % 2)
            for (int k = f->count - 1; k > 0; k--) {
                int other = (int)(next() % (uint64_t)(k + 1));
                Op op = f->ops[k];
                f->ops[k] = f->ops[other];
                f->ops[other] = op;
            }
        for (int k = 0; k < f->count; k++) {
            Op *op = &f->ops[k];
            uint64_t fate = next() % 4;
            if (fate == 0) continue;
            if (fate == 1 && op->bytes) {
                for (int64_t at = 0; at < op->count; at += SECTOR)
                    if (next() % 2)
                        apply(&f->kept, &room, &f->keptSize, op->at + at, op->count - at < SECTOR ? op->count - at : SECTOR, op->bytes + at);
            } else {
                apply(&f->kept, &room, &f->keptSize, op->at, op->count, op->bytes);
            }
        }
        dropOps(f);
        free(f->now);
        f->room = f->keptSize + 1;
        f->now = malloc((size_t)f->room);
        if (f->keptSize) memcpy(f->now, f->kept, (size_t)f->keptSize);
        f->size = f->keptSize;
        f->shared = f->reserved = f->pending = f->exclusive = 0;
        for (int k = 0; k < REGIONS; k++) {
            free(f->regions[k]);
            f->regions[k] = NULL;
        }
        memset(f->shmShared, 0, sizeof f->shmShared);
        memset(f->shmExclusive, 0, sizeof f->shmExclusive);
    }
    isCounting = isGone = 0;
    pthread_mutex_unlock(&mutex);
}

int64_t power_size(const char *end) {
    pthread_mutex_lock(&mutex);
    File *f = ending(end);
    int64_t size = f ? f->size : -1;
    pthread_mutex_unlock(&mutex);
    return size;
}

void power_flip(const char *end, int64_t bit) {
    pthread_mutex_lock(&mutex);
    File *f = ending(end);
    if (f && bit / 8 < f->size) f->now[bit / 8] ^= (unsigned char)(1 << bit % 8);
    if (f) sync_(f);
    pthread_mutex_unlock(&mutex);
}

// MARK: Files

static int xClose(sqlite3_file *base) {
    Handle *h = (Handle *)base;
    pthread_mutex_lock(&mutex);
    if (h->file) {
        h->file->opens--;
        if (h->isTemporary) empty(h->file);
    }
    h->file = NULL;
    pthread_mutex_unlock(&mutex);
    return SQLITE_OK;
}

static int xRead(sqlite3_file *base, void *to, int count, sqlite3_int64 at) {
    Handle *h = (Handle *)base;
    int result = SQLITE_OK;
    pthread_mutex_lock(&mutex);
    if (isGone) {
        result = SQLITE_IOERR_READ;
    } else {
        int64_t there = h->file->size - at;
        if (there < 0) there = 0;
        if (there > count) there = count;
        if (there) memcpy(to, h->file->now + at, (size_t)there);
        if (there < count) {
            memset((char *)to + there, 0, (size_t)(count - there));
            result = SQLITE_IOERR_SHORT_READ;
        }
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

static int noteOp(File *f, int64_t at, int64_t count, const void *bytes) {
    if (f->count == f->roomOps) {
        int room = f->roomOps * 2 + 16;
        Op *more = realloc(f->ops, (size_t)room * sizeof(Op));
        if (!more) return SQLITE_NOMEM;
        f->ops = more;
        f->roomOps = room;
    }
    Op op = {at, count, NULL};
    if (bytes) {
        op.bytes = malloc((size_t)count + 1);
        memcpy(op.bytes, bytes, (size_t)count);
    }
    f->ops[f->count++] = op;
    apply(&f->now, &f->room, &f->size, at, count, op.bytes);
    return SQLITE_OK;
}

static int xWrite(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 at) {
    Handle *h = (Handle *)base;
    pthread_mutex_lock(&mutex);
    int result = effect();
    if (!result) result = noteOp(h->file, at, count, bytes);
    pthread_mutex_unlock(&mutex);
    return result;
}

static int xTruncate(sqlite3_file *base, sqlite3_int64 size) {
    Handle *h = (Handle *)base;
    pthread_mutex_lock(&mutex);
    int result = effect();
    if (!result) result = noteOp(h->file, size, 0, NULL);
    pthread_mutex_unlock(&mutex);
    return result;
}

static int xSync(sqlite3_file *base, int flags) {
    (void)flags;
    Handle *h = (Handle *)base;
    pthread_mutex_lock(&mutex);
    int result = effect();
    if (!result) sync_(h->file);
    pthread_mutex_unlock(&mutex);
    return result;
}

static int xFileSize(sqlite3_file *base, sqlite3_int64 *size) {
    *size = ((Handle *)base)->file->size;
    return isGone ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int xLock(sqlite3_file *base, int level) {
    Handle *h = (Handle *)base;
    File *f = h->file;
    int result = SQLITE_OK;
    pthread_mutex_lock(&mutex);
    if (level > h->lock) {
        if (level == SQLITE_LOCK_SHARED) {
            if (f->exclusive || f->pending) result = SQLITE_BUSY;
            else f->shared++;
        } else if (level == SQLITE_LOCK_RESERVED) {
            if (f->reserved) result = SQLITE_BUSY;
            else f->reserved = 1;
        } else {
            if (h->lock < SQLITE_LOCK_RESERVED && f->reserved) result = SQLITE_BUSY;
            else if (f->shared > 1) result = SQLITE_BUSY;
            else f->reserved = f->exclusive = 1;
        }
        if (!result) h->lock = level;
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

static int xUnlock(sqlite3_file *base, int level) {
    Handle *h = (Handle *)base;
    File *f = h->file;
    pthread_mutex_lock(&mutex);
    if (h->lock >= SQLITE_LOCK_EXCLUSIVE && level < SQLITE_LOCK_EXCLUSIVE) f->exclusive = 0;
    if (h->lock >= SQLITE_LOCK_RESERVED && level < SQLITE_LOCK_RESERVED) f->reserved = 0;
    if (h->lock >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED && f->shared > 0) f->shared--;
    if (level < h->lock) h->lock = level;
    pthread_mutex_unlock(&mutex);
    return SQLITE_OK;
}

static int xCheckReservedLock(sqlite3_file *base, int *is) {
    *is = ((Handle *)base)->file->reserved;
    return SQLITE_OK;
}

static int xFileControl(sqlite3_file *base, int what, void *more) {
    (void)base, (void)what, (void)more;
    return SQLITE_NOTFOUND;
}

static int xSectorSize(sqlite3_file *base) {
    (void)base;
    return SECTOR;
}

static int xDeviceCharacteristics(sqlite3_file *base) {
    (void)base;
    return 0;
}

// MARK: Shared memory of the log

static int xShmMap(sqlite3_file *base, int region, int size, int extend, void volatile **to) {
    File *f = ((Handle *)base)->file;
    pthread_mutex_lock(&mutex);
    *to = NULL;
    int result = isGone || region >= REGIONS ? SQLITE_IOERR_SHMMAP : SQLITE_OK;
    if (!result) {
        if (!f->regions[region] && extend) f->regions[region] = calloc(1, (size_t)size);
        *to = f->regions[region];
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

static int xShmLock(sqlite3_file *base, int first, int count, int flags) {
    Handle *h = (Handle *)base;
    File *f = h->file;
    int result = SQLITE_OK;
    pthread_mutex_lock(&mutex);
    for (int i = first; i < first + count && !result; i++) {
        uint16_t bit = (uint16_t)(1 << i);
        if (flags & SQLITE_SHM_UNLOCK) continue;
        if (flags & SQLITE_SHM_SHARED) {
            if (f->shmExclusive[i] && !(h->shmExclusive & bit)) result = SQLITE_BUSY;
        } else if (f->shmExclusive[i] ? !(h->shmExclusive & bit) : f->shmShared[i] > ((h->shmShared & bit) != 0)) {
            result = SQLITE_BUSY;
        }
    }
    for (int i = first; i < first + count && !result; i++) {
        uint16_t bit = (uint16_t)(1 << i);
        if (flags & SQLITE_SHM_UNLOCK) {
            if (h->shmShared & bit) f->shmShared[i]--;
            if (h->shmExclusive & bit) f->shmExclusive[i] = 0;
            h->shmShared &= (uint16_t)~bit;
            h->shmExclusive &= (uint16_t)~bit;
        } else if (flags & SQLITE_SHM_SHARED) {
            if (!(h->shmShared & bit)) f->shmShared[i]++;
            h->shmShared |= bit;
        } else {
            f->shmExclusive[i] = 1;
            h->shmExclusive |= bit;
        }
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

static void xShmBarrier(sqlite3_file *base) {
    (void)base;
    __sync_synchronize();
}

static int xShmUnmap(sqlite3_file *base, int delete) {
    (void)base, (void)delete;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    2, xClose, xRead, xWrite, xTruncate, xSync, xFileSize, xLock, xUnlock, xCheckReservedLock, xFileControl, xSectorSize, xDeviceCharacteristics,
    xShmMap, xShmLock, xShmBarrier, xShmUnmap, NULL, NULL};

// MARK: The VFS

static int xOpen(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out) {
    (void)vfs;
    Handle *h = (Handle *)base;
    memset(h, 0, sizeof *h);
    char made[64];
    pthread_mutex_lock(&mutex);
    int result = isGone ? SQLITE_CANTOPEN : SQLITE_OK;
    if (!name) {
        strcpy(made, "temporary-");
        uint64_t n = ++temporary;
        size_t at = strlen(made);
        do made[at++] = (char)('0' + n % 10);
        while (n /= 10);
        made[at] = 0;
        name = made;
        h->isTemporary = 1;
    }
    if (!result) h->file = find(name, flags & SQLITE_OPEN_CREATE);
    if (!result && !h->file) result = SQLITE_CANTOPEN;
    if (!result) {
        h->file->opens++;
        base->pMethods = &methods;
        if (out) *out = flags;
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

static int xDelete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs, (void)sync;
    pthread_mutex_lock(&mutex);
    int result = effect();
    File *f = result ? NULL : find(name, 0);
    if (!result && !f) result = SQLITE_IOERR_DELETE_NOENT;
    if (f && f->opens == 0) {
        empty(f);
    } else if (f) {
        // Who has it open goes on with it; nobody finds it any more.
        strcpy(f->name, "deleted");
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

static int xAccess(sqlite3_vfs *vfs, const char *name, int flags, int *is) {
    (void)vfs, (void)flags;
    pthread_mutex_lock(&mutex);
    File *f = find(name, 0);
    *is = f && (flags != SQLITE_ACCESS_EXISTS || f->size > 0);
    pthread_mutex_unlock(&mutex);
    return SQLITE_OK;
}

static int xFullPathname(sqlite3_vfs *vfs, const char *name, int count, char *to) {
    (void)vfs;
    if ((int)strlen(name) >= count) return SQLITE_CANTOPEN;
    strcpy(to, name);
    return SQLITE_OK;
}

static int xRandomness(sqlite3_vfs *vfs, int count, char *to) {
    (void)vfs;
    for (int i = 0; i < count; i++) to[i] = (char)next();
    return count;
}

static int xSleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

static int xCurrentTimeInt64(sqlite3_vfs *vfs, sqlite3_int64 *to) {
    (void)vfs;
    *to = clockNow += 1;
    return SQLITE_OK;
}

static int xCurrentTime(sqlite3_vfs *vfs, double *to) {
    sqlite3_int64 now;
    xCurrentTimeInt64(vfs, &now);
    *to = (double)now / 86400000.0;
    return SQLITE_OK;
}

static int xGetLastError(sqlite3_vfs *vfs, int count, char *to) {
    (void)vfs;
    if (count > 0) to[0] = 0;
    return 0;
}

static sqlite3_vfs power = {
    .iVersion = 2, .szOsFile = sizeof(Handle), .mxPathname = 511, .zName = "power", .xOpen = xOpen, .xDelete = xDelete, .xAccess = xAccess,
    .xFullPathname = xFullPathname, .xRandomness = xRandomness, .xSleep = xSleep, .xCurrentTime = xCurrentTime, .xGetLastError = xGetLastError,
    .xCurrentTimeInt64 = xCurrentTimeInt64};

int power_register(void) { return sqlite3_vfs_register(&power, 0); }
