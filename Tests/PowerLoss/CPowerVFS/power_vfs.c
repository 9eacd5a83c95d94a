// A VFS over memory. A file is three things:
//
//      kept            what is on the disk whatever happens
//      ops             writes and truncations since, in order, which a power cut may lose
//      now             both together: what programs see
//
// A sync moves a file's ops into `kept`. When power is lost, each op by itself is kept, dropped, kept up to a sector, kept in some sectors, or kept with
// one sector scrambled, in order or shuffled. Bytes beside a write are never harmed and nothing that was synced is: SQLite is told so
// (POWERSAFE_OVERWRITE), as its own VFS for this system tells it.
//
// The directory is the same on a small scale. A file that was made may be missing after a cut and one that was deleted may be back, until the directory
// is synced: by a deletion that asks for it, by the first sync of a journal or log that was made, as SQLite's own VFS does, or by whoever asks for that
// alone, as the store does.
//
// A sync that fails makes nothing durable; the next one may. If it is told to, the disk behaves as Linux may instead: some of the ops a failed sync
// was for never become durable, although programs go on seeing them and the next sync succeeds. SQLite does not hold against that.
//
// Every cut, reset or load begins a generation. Handles of an older one fail in every call and touch nothing; their files live on until they are closed.
// Shared memory of the log is the heap's and goes with its last user, so that whoever comes next recovers. Locks are counted as SQLite asks for
// them: there are several connections in one process, and one process.
#include "CPowerVFS.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 64, REGIONS = 256, SECTOR = 512, REPORTED_SECTOR = 4096 };

/// `bytes` NULL: a truncation to `at`.
typedef struct { int64_t at, count; unsigned char *bytes; } Op;

typedef struct { unsigned char *bytes; int64_t size, room; } Bytes;

typedef struct {
    char *name;
    int handles;
    int isLinked; // somebody who opens its name gets it
    int isNew;    // whether it is there after a cut is chance
    int isGone;   // deleted, and whether it stays so after a cut is chance
    Bytes now, kept;
    Op *ops;
    int count, room;
    int shared;
    const void *reserved, *pending, *exclusive; // the handles that hold these locks
    void *regions[REGIONS];
    int shmUsers, shmShared[SQLITE_SHM_NLOCK];
    const void *shmExclusive[SQLITE_SHM_NLOCK];
} File;

typedef struct {
    sqlite3_file base;
    File *file;
    uint64_t generation;
    int lock, syncsDirectory, hasShm;
    unsigned shmShared;
} Handle;

typedef struct { File *files[FILES]; } Disk;

typedef enum { WRITING, TRUNCATING, SYNCING, DELETING, MAKING } Kind;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Disk disk, slots[POWER_SLOTS];
static uint64_t generation = 1, effects, chance = 1;
static int isCounting, powerIsGone;
static uint64_t effectsLeft;
static uint64_t nthEffect, nthRead, failures;
static int nthCode, effectPersists, readPersists, failedSyncsLose;
static sqlite3_int64 milliseconds = 212000000000000LL;

static void lock(void) { pthread_mutex_lock(&mutex); }
static void unlock(void) { pthread_mutex_unlock(&mutex); }

static uint64_t mixed(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static uint64_t next(void) { return mixed(&chance); }
static uint64_t below(uint64_t end) { return next() % end; }

/// The disk's own memory does not run out: that would be a failure nobody asked for.
static void *sure(void *memory) {
    if (memory) return memory;
    fputs("the disk in memory: no memory\n", stderr);
    abort();
}

// MARK: Bytes

static void put(Bytes *to, int64_t at, int64_t count, const unsigned char *bytes) {
    if (at + count > to->room) {
        to->room = at + count + (at + count) / 2 + 4096;
        to->bytes = sure(realloc(to->bytes, (size_t)to->room));
    }
    if (at > to->size) memset(to->bytes + to->size, 0, (size_t)(at - to->size));
    if (count) memcpy(to->bytes + at, bytes, (size_t)count);
    if (at + count > to->size) to->size = at + count;
}

static void apply(Bytes *to, const Op *op) {
    if (op->bytes) put(to, op->at, op->count, op->bytes);
    else if (op->at < to->size) to->size = op->at;
}

static void clear(Bytes *bytes) {
    free(bytes->bytes);
    memset(bytes, 0, sizeof *bytes);
}

// MARK: Files and the directory

static void dropOps(File *f) {
    for (int i = 0; i < f->count; i++) free(f->ops[i].bytes);
    free(f->ops);
    f->ops = NULL;
    f->count = f->room = 0;
}

static void freeRegions(File *f) {
    for (int i = 0; i < REGIONS; i++) {
        free(f->regions[i]);
        f->regions[i] = NULL;
    }
}

/// Frees a file nobody can reach any more.
static void freeIfUnreachable(File *f) {
    if (f->handles || f->isLinked || f->isGone) return;
    dropOps(f);
    freeRegions(f);
    clear(&f->now);
    clear(&f->kept);
    free(f->name);
    free(f);
}

/// Takes a file out of the directory for good.
static void unlinkAt(Disk *d, int i) {
    File *f = d->files[i];
    d->files[i] = NULL;
    f->isLinked = f->isGone = 0;
    freeIfUnreachable(f);
}

static File *find(const char *name) {
    for (int i = 0; i < FILES; i++) {
        File *f = disk.files[i];
        if (f && f->isLinked && strcmp(f->name, name) == 0) return f;
    }
    return NULL;
}

static File *make(Disk *d, const char *name) {
    for (int i = 0; i < FILES; i++) {
        if (d->files[i]) continue;
        File *f = sure(calloc(1, sizeof *f));
        f->name = strcpy(sure(malloc(strlen(name) + 1)), name);
        f->isLinked = 1;
        return d->files[i] = f;
    }
    return NULL;
}

static void syncFile(File *f) {
    for (int i = 0; i < f->count; i++) apply(&f->kept, &f->ops[i]);
    dropOps(f);
}

static void syncDirectory(void) {
    for (int i = 0; i < FILES; i++) {
        if (!disk.files[i]) continue;
        disk.files[i]->isNew = 0;
        if (disk.files[i]->isGone) unlinkAt(&disk, i);
    }
}

static void emptyDisk(Disk *d) {
    for (int i = 0; i < FILES; i++)
        if (d->files[i]) unlinkAt(d, i);
}

static void copyDisk(Disk *to, const Disk *from) {
    emptyDisk(to);
    for (int i = 0; i < FILES; i++) {
        const File *f = from->files[i];
        if (!f || !f->isLinked) continue;
        File *copy = make(to, f->name);
        put(&copy->now, 0, f->now.size, f->now.bytes);
        put(&copy->kept, 0, f->now.size, f->now.bytes);
    }
}

static void begin(void) {
    generation++;
    isCounting = powerIsGone = 0;
    nthEffect = nthRead = failures = effects = 0;
}

void power_disk_reset(void) {
    lock();
    emptyDisk(&disk);
    begin();
    unlock();
}

void power_disk_save(int slot) {
    lock();
    if (slot >= 0 && slot < POWER_SLOTS) copyDisk(&slots[slot], &disk);
    unlock();
}

void power_disk_load(int slot) {
    lock();
    if (slot >= 0 && slot < POWER_SLOTS) copyDisk(&disk, &slots[slot]);
    begin();
    unlock();
}

int64_t power_disk_size(const char *path) {
    lock();
    File *f = find(path);
    int64_t size = f ? f->now.size : -1;
    unlock();
    return size;
}

int power_disk_flip(const char *path, int64_t bit) {
    lock();
    File *f = find(path);
    int isThere = f && bit >= 0 && bit / 8 < f->now.size;
    if (isThere) {
        syncFile(f);
        f->now.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        f->kept.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    unlock();
    return isThere;
}

int64_t power_disk_export(const char *path, void *bytes, int64_t size) {
    lock();
    File *f = find(path);
    int64_t count = !f ? 0 : f->now.size < size ? f->now.size : size;
    if (count > 0) memcpy(bytes, f->now.bytes, (size_t)count);
    unlock();
    return count;
}

int power_disk_import(const char *path, const void *bytes, int64_t size) {
    lock();
    File *f = find(path);
    if (!f) f = make(&disk, path);
    if (f) {
        dropOps(f);
        f->now.size = f->kept.size = 0;
        put(&f->now, 0, size, bytes);
        put(&f->kept, 0, size, bytes);
    }
    unlock();
    return f != NULL;
}

int power_disk_make(const char *path, int pageSize) {
    sqlite3 *db = NULL;
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA page_size = %d; PRAGMA user_version = 0; VACUUM;", pageSize);
    int result = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "power");
    if (!result) result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return result;
}

// MARK: Losing power

void power_seed(uint64_t seed) {
    lock();
    chance = seed;
    unlock();
    // Salts of the log and names of temporary files.
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(seed % 0x7fffffff) + 1, (sqlite3 *)NULL);
    sqlite3_randomness(0, NULL);
}

void power_fail_after(uint64_t count) {
    lock();
    effectsLeft = count;
    isCounting = 1;
    unlock();
}

void power_sync_folder(void) {
    lock();
    if (!powerIsGone) syncDirectory();
    unlock();
}

int power_is_gone(void) {
    lock();
    int is = powerIsGone;
    unlock();
    return is;
}

uint64_t power_effects(void) {
    lock();
    uint64_t count = effects;
    unlock();
    return count;
}

/// The part of a write that lies in one sector of the disk, from `at` on.
static int64_t inSector(const Op *op, int64_t at) {
    int64_t end = at - at % SECTOR + SECTOR;
    return (end < op->at + op->count ? end : op->at + op->count) - at;
}

/// Does of a write what chance leaves of it.
static void applyInPart(Bytes *to, const Op *op) {
    enum { NOT, WHOLLY, FIRST_SECTORS, SOME_SECTORS, SCRAMBLED, FATES };
    int fate = (int)below(FATES);
    if (fate == NOT) return;
    if (fate == WHOLLY || !op->bytes || op->count == 0) {
        apply(to, op);
        return;
    }
    int64_t sectors = (op->at + op->count - 1) / SECTOR - op->at / SECTOR + 1;
    int64_t chosen = (int64_t)below((uint64_t)sectors), i = 0;
    for (int64_t at = op->at; at < op->at + op->count; i++) {
        int64_t count = inSector(op, at);
        const unsigned char *bytes = op->bytes + (at - op->at);
        if (fate == SCRAMBLED && i == chosen) {
            unsigned char noise[SECTOR];
            for (int64_t k = 0; k < count; k++) noise[k] = (unsigned char)next();
            put(to, at, count, noise);
        } else if (fate == SCRAMBLED || (fate == FIRST_SECTORS ? i < chosen : (int)below(2))) {
            put(to, at, count, bytes);
        }
        at += count;
    }
}

static void shuffle(File *f) {
    for (int i = f->count - 1; i > 0; i--) {
        int other = (int)below((uint64_t)i + 1);
        Op op = f->ops[i];
        f->ops[i] = f->ops[other];
        f->ops[other] = op;
    }
}

/// Whether a file of this name is there and stays.
static int isTaken(const Disk *d, const char *name) {
    for (int i = 0; i < FILES; i++)
        if (d->files[i] && strcmp(d->files[i]->name, name) == 0) return 1;
    return 0;
}

void power_restore(uint64_t seed) {
    lock();
    chance = seed;
    Disk after = {{NULL}};
    // Live files first: what was deleted can only come back where nothing took its place.
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < FILES; i++) {
            File *f = disk.files[i];
            if (!f || f->isGone != round) continue;
            int isThere = round == 1 || f->isNew ? (int)below(2) : 1;
            if (!isThere || isTaken(&after, f->name)) continue;
            File *left = make(&after, f->name);
            put(&left->kept, 0, f->kept.size, f->kept.bytes);
            if (below(2)) shuffle(f);
            for (int k = 0; k < f->count; k++) applyInPart(&left->kept, &f->ops[k]);
            put(&left->now, 0, left->kept.size, left->kept.bytes);
        }
    }
    emptyDisk(&disk);
    disk = after;
    generation++;
    isCounting = powerIsGone = 0;
    unlock();
}

// MARK: Failing and going on

void power_fail_nth(uint64_t n, int code, int persists) {
    lock();
    nthEffect = n;
    nthCode = code;
    effectPersists = persists;
    failures = 0;
    unlock();
}

void power_failed_syncs_lose(int lose) {
    lock();
    failedSyncsLose = lose;
    unlock();
}

void power_fail_nth_read(uint64_t n, int persists) {
    lock();
    nthRead = n;
    readPersists = persists;
    failures = 0;
    unlock();
}

uint64_t power_failures(void) {
    lock();
    uint64_t count = failures;
    unlock();
    return count;
}

static int fitting(Kind kind) {
    if (nthCode && (nthCode != SQLITE_FULL || kind == WRITING)) return nthCode;
    switch (kind) {
    case WRITING: return SQLITE_IOERR_WRITE;
    case TRUNCATING: return SQLITE_IOERR_TRUNCATE;
    case SYNCING: return SQLITE_IOERR_FSYNC;
    case DELETING: return SQLITE_IOERR_DELETE;
    default: return SQLITE_CANTOPEN;
    }
}

/// Asked before each effect. SQLITE_OK: it may happen.
static int mayHappen(Kind kind) {
    if (powerIsGone) return SQLITE_IOERR;
    effects++;
    if (isCounting && effectsLeft-- == 0) {
        powerIsGone = 1;
        return SQLITE_IOERR;
    }
    if (nthEffect == 0) return SQLITE_OK;
    if (nthEffect > 1) {
        nthEffect--;
        return SQLITE_OK;
    }
    if (!effectPersists) nthEffect = 0;
    failures++;
    return fitting(kind);
}

// MARK: Handles

static File *file(sqlite3_file *base) { return ((Handle *)base)->file; }

/// Whether a handle is of this generation and the power is on.
static int isAlive(sqlite3_file *base) { return !powerIsGone && ((Handle *)base)->generation == generation; }

static void note(File *f, int64_t at, int64_t count, const void *bytes) {
    if (f->count == f->room) {
        f->room = f->room * 2 + 16;
        f->ops = sure(realloc(f->ops, (size_t)f->room * sizeof(Op)));
    }
    Op op = {at, count, NULL};
    if (bytes) op.bytes = memcpy(sure(malloc((size_t)count + 1)), bytes, (size_t)count);
    f->ops[f->count++] = op;
    apply(&f->now, &op);
}

static void letGoOfShm(Handle *h) {
    File *f = h->file;
    for (int i = 0; i < SQLITE_SHM_NLOCK; i++) {
        if (h->shmShared >> i & 1) f->shmShared[i]--;
        if (f->shmExclusive[i] == h) f->shmExclusive[i] = NULL;
    }
    h->shmShared = 0;
    if (!h->hasShm) return;
    h->hasShm = 0;
    if (--f->shmUsers == 0) freeRegions(f);
}

static void letGoOfLocks(Handle *h, int level) {
    File *f = h->file;
    if (level >= h->lock) return;
    if (level < SQLITE_LOCK_RESERVED && f->reserved == h) f->reserved = NULL;
    if (level < SQLITE_LOCK_PENDING && f->pending == h) f->pending = NULL;
    if (level < SQLITE_LOCK_EXCLUSIVE && f->exclusive == h) f->exclusive = NULL;
    if (level < SQLITE_LOCK_SHARED) f->shared--;
    h->lock = level;
}

static int powerClose(sqlite3_file *base) {
    Handle *h = (Handle *)base;
    lock();
    File *f = h->file;
    letGoOfLocks(h, SQLITE_LOCK_NONE);
    letGoOfShm(h);
    f->handles--;
    freeIfUnreachable(f);
    h->file = NULL;
    unlock();
    return SQLITE_OK;
}

static int readingFails(void) {
    if (nthRead == 0) return 0;
    if (nthRead > 1) {
        nthRead--;
        return 0;
    }
    if (!readPersists) nthRead = 0;
    failures++;
    return 1;
}

static int powerRead(sqlite3_file *base, void *to, int count, sqlite3_int64 at) {
    int result = SQLITE_OK;
    lock();
    if (!isAlive(base) || readingFails()) {
        result = SQLITE_IOERR_READ;
    } else {
        const Bytes *now = &file(base)->now;
        int64_t there = now->size - at;
        if (there < 0) there = 0;
        if (there > count) there = count;
        if (there) memcpy(to, now->bytes + at, (size_t)there);
        if (there < count) {
            memset((char *)to + there, 0, (size_t)(count - there));
            result = SQLITE_IOERR_SHORT_READ;
        }
    }
    unlock();
    return result;
}

static int powerWrite(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 at) {
    lock();
    int result = SQLITE_IOERR_WRITE;
    if (isAlive(base)) {
        result = mayHappen(WRITING);
        // Of a write that failed, or that the power went in, the beginning may be there.
        int done = result == SQLITE_OK ? count : (int)below(2) ? (int)below((uint64_t)count + 1) : 0;
        if (done) note(file(base), at, done, bytes);
    }
    unlock();
    return result;
}

static int powerTruncate(sqlite3_file *base, sqlite3_int64 size) {
    lock();
    int result = isAlive(base) ? mayHappen(TRUNCATING) : SQLITE_IOERR_TRUNCATE;
    if (!result) note(file(base), size, 0, NULL);
    unlock();
    return result;
}

/// After a sync that failed: programs see all that was written, and some of it will never be durable.
static void loseSome(File *f) {
    int kept = 0;
    for (int i = 0; i < f->count; i++) {
        if (below(2)) f->ops[kept++] = f->ops[i];
        else free(f->ops[i].bytes);
    }
    f->count = kept;
}

static int powerSync(sqlite3_file *base, int flags) {
    (void)flags;
    Handle *h = (Handle *)base;
    lock();
    int result = SQLITE_IOERR_FSYNC;
    if (isAlive(base)) {
        result = mayHappen(SYNCING);
        if (!result) {
            syncFile(h->file);
            if (h->syncsDirectory) syncDirectory();
            h->syncsDirectory = 0;
        } else if (!powerIsGone && failedSyncsLose) {
            loseSome(h->file);
        }
    }
    unlock();
    return result;
}

static int powerFileSize(sqlite3_file *base, sqlite3_int64 *size) {
    lock();
    *size = file(base)->now.size;
    int result = isAlive(base) ? SQLITE_OK : SQLITE_IOERR_FSTAT;
    unlock();
    return result;
}

static int powerLock(sqlite3_file *base, int level) {
    Handle *h = (Handle *)base;
    File *f = h->file;
    int result = SQLITE_OK;
    lock();
    if (level <= h->lock) {
    } else if (!isAlive(base)) {
        result = SQLITE_IOERR_LOCK;
    } else if (level == SQLITE_LOCK_SHARED) {
        if (f->pending || f->exclusive) result = SQLITE_BUSY;
        else f->shared++;
    } else if ((f->reserved && f->reserved != h) || (f->pending && f->pending != h)) {
        result = SQLITE_BUSY;
    } else if (level == SQLITE_LOCK_RESERVED) {
        f->reserved = h;
    } else {
        // Nobody new comes in from here on; those who read have to leave first.
        f->pending = h;
        if (level == SQLITE_LOCK_EXCLUSIVE && f->shared > 1) {
            h->lock = SQLITE_LOCK_PENDING;
            result = SQLITE_BUSY;
        } else if (level == SQLITE_LOCK_EXCLUSIVE) {
            f->exclusive = h;
        }
    }
    if (!result && level > h->lock) h->lock = level;
    unlock();
    return result;
}

static int powerUnlock(sqlite3_file *base, int level) {
    lock();
    letGoOfLocks((Handle *)base, level);
    unlock();
    return SQLITE_OK;
}

static int powerCheckReservedLock(sqlite3_file *base, int *is) {
    lock();
    *is = file(base)->reserved != NULL;
    unlock();
    return SQLITE_OK;
}

static int powerFileControl(sqlite3_file *base, int what, void *more) {
    (void)base, (void)what, (void)more;
    return SQLITE_NOTFOUND;
}

static int powerSectorSize(sqlite3_file *base) {
    (void)base;
    return REPORTED_SECTOR;
}

static int powerDeviceCharacteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// MARK: Shared memory of the log

static int powerShmMap(sqlite3_file *base, int region, int size, int extend, void volatile **to) {
    Handle *h = (Handle *)base;
    int result = SQLITE_OK;
    *to = NULL;
    lock();
    if (!isAlive(base) || region >= REGIONS) {
        result = SQLITE_IOERR_SHMMAP;
    } else {
        File *f = h->file;
        if (!h->hasShm) {
            h->hasShm = 1;
            f->shmUsers++;
        }
        if (!f->regions[region] && extend) f->regions[region] = sure(calloc(1, (size_t)size));
        *to = f->regions[region];
    }
    unlock();
    return result;
}

static int powerShmLock(sqlite3_file *base, int first, int count, int flags) {
    Handle *h = (Handle *)base;
    File *f = h->file;
    int result = SQLITE_OK;
    lock();
    for (int i = first; i < first + count && !(flags & SQLITE_SHM_UNLOCK); i++) {
        int mine = h->shmShared >> i & 1;
        if (f->shmExclusive[i] && f->shmExclusive[i] != h) result = SQLITE_BUSY;
        if (flags & SQLITE_SHM_EXCLUSIVE && f->shmShared[i] > mine) result = SQLITE_BUSY;
    }
    for (int i = first; i < first + count && !result; i++) {
        int mine = h->shmShared >> i & 1;
        if (flags & SQLITE_SHM_UNLOCK) {
            if (mine) f->shmShared[i]--;
            h->shmShared &= ~(1u << i);
            if (f->shmExclusive[i] == h) f->shmExclusive[i] = NULL;
        } else if (flags & SQLITE_SHM_SHARED) {
            if (!mine) f->shmShared[i]++;
            h->shmShared |= 1u << i;
        } else {
            f->shmExclusive[i] = h;
        }
    }
    unlock();
    return result;
}

static void powerShmBarrier(sqlite3_file *base) {
    (void)base;
    __sync_synchronize();
}

static int powerShmUnmap(sqlite3_file *base, int delete) {
    (void)delete;
    lock();
    letGoOfShm((Handle *)base);
    unlock();
    return SQLITE_OK;
}

/// Version 2: what is not mapped cannot go around the disk.
static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = powerClose, .xRead = powerRead, .xWrite = powerWrite, .xTruncate = powerTruncate, .xSync = powerSync,
    .xFileSize = powerFileSize, .xLock = powerLock, .xUnlock = powerUnlock, .xCheckReservedLock = powerCheckReservedLock,
    .xFileControl = powerFileControl, .xSectorSize = powerSectorSize, .xDeviceCharacteristics = powerDeviceCharacteristics,
    .xShmMap = powerShmMap, .xShmLock = powerShmLock, .xShmBarrier = powerShmBarrier, .xShmUnmap = powerShmUnmap};

// MARK: The VFS

static int powerOpen(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out) {
    (void)vfs;
    Handle *h = (Handle *)base;
    memset(h, 0, sizeof *h);
    int result = SQLITE_OK;
    lock();
    File *f = name ? find(name) : NULL;
    if (powerIsGone) {
        result = SQLITE_CANTOPEN;
    } else if (!name) {
        // A temporary file has no name, and nobody asks for it after a cut.
        f = sure(calloc(1, sizeof *f));
        f->name = sure(calloc(1, 1));
    } else if (!f) {
        result = flags & SQLITE_OPEN_CREATE ? mayHappen(MAKING) : SQLITE_CANTOPEN;
        if (!result) f = make(&disk, name);
        if (f) f->isNew = 1;
        h->syncsDirectory = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    }
    if (!result && !f) result = SQLITE_CANTOPEN;
    if (!result) {
        f->handles++;
        h->file = f;
        h->generation = generation;
        base->pMethods = &methods;
        if (out) *out = flags;
    }
    unlock();
    return result;
}

static int powerDelete(sqlite3_vfs *vfs, const char *name, int syncsDirectory) {
    (void)vfs;
    lock();
    int result = SQLITE_IOERR_DELETE_NOENT;
    if (powerIsGone) {
        result = SQLITE_IOERR_DELETE;
    } else {
        for (int i = 0; i < FILES; i++) {
            File *f = disk.files[i];
            if (!f || !f->isLinked || strcmp(f->name, name) != 0) continue;
            result = mayHappen(DELETING);
            if (result) break;
            // An earlier one of this name stays away: a name is either as it is, or as it was before.
            for (int k = 0; k < FILES; k++)
                if (disk.files[k] && disk.files[k]->isGone && strcmp(disk.files[k]->name, name) == 0) unlinkAt(&disk, k);
            f->isLinked = 0;
            f->isGone = 1;
            if (syncsDirectory) syncDirectory();
            break;
        }
    }
    unlock();
    return result;
}

static int powerAccess(sqlite3_vfs *vfs, const char *name, int flags, int *is) {
    (void)vfs;
    lock();
    File *f = find(name);
    *is = f && (flags != SQLITE_ACCESS_EXISTS || f->now.size > 0);
    int result = powerIsGone ? SQLITE_IOERR_ACCESS : SQLITE_OK;
    unlock();
    return result;
}

static int powerFullPathname(sqlite3_vfs *vfs, const char *name, int room, char *to) {
    (void)vfs;
    if ((int)strlen(name) >= room) return SQLITE_CANTOPEN;
    strcpy(to, name);
    return SQLITE_OK;
}

static int powerRandomness(sqlite3_vfs *vfs, int count, char *to) {
    (void)vfs;
    lock();
    for (int i = 0; i < count; i++) to[i] = (char)next();
    unlock();
    return count;
}

static int powerSleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    usleep((useconds_t)microseconds);
    return microseconds;
}

static int powerCurrentTimeInt64(sqlite3_vfs *vfs, sqlite3_int64 *to) {
    (void)vfs;
    lock();
    *to = ++milliseconds;
    unlock();
    return SQLITE_OK;
}

static int powerCurrentTime(sqlite3_vfs *vfs, double *to) {
    sqlite3_int64 now;
    powerCurrentTimeInt64(vfs, &now);
    *to = (double)now / 86400000.0;
    return SQLITE_OK;
}

static int powerGetLastError(sqlite3_vfs *vfs, int count, char *to) {
    (void)vfs;
    if (count > 0) to[0] = 0;
    return 0;
}

static sqlite3_vfs power = {
    .iVersion = 2, .szOsFile = sizeof(Handle), .mxPathname = 511, .zName = "power", .xOpen = powerOpen, .xDelete = powerDelete,
    .xAccess = powerAccess, .xFullPathname = powerFullPathname, .xRandomness = powerRandomness, .xSleep = powerSleep,
    .xCurrentTime = powerCurrentTime, .xGetLastError = powerGetLastError, .xCurrentTimeInt64 = powerCurrentTimeInt64};

int power_vfs_register(void) { return sqlite3_vfs_register(&power, 0); }

// MARK: Memory

static pthread_mutex_t memoryMutex = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_mem_methods memory;
static uint64_t nthAllocation, allocationFailures;
static int allocationPersists;

static int allocationFails(void) {
    pthread_mutex_lock(&memoryMutex);
    int fails = nthAllocation == 1;
    if (nthAllocation > 1 || (fails && !allocationPersists)) nthAllocation--;
    if (fails) allocationFailures++;
    pthread_mutex_unlock(&memoryMutex);
    return fails;
}

static void *meteredMalloc(int size) { return allocationFails() ? NULL : memory.xMalloc(size); }
static void *meteredRealloc(void *old, int size) { return allocationFails() ? NULL : memory.xRealloc(old, size); }

int power_malloc_install(void) {
    int result = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    if (result) return result;
    sqlite3_mem_methods metered = memory;
    metered.xMalloc = meteredMalloc;
    metered.xRealloc = meteredRealloc;
    result = sqlite3_config(SQLITE_CONFIG_MALLOC, &metered);
    return result ? result : sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}

void power_malloc_fail_nth(uint64_t n, int persists) {
    pthread_mutex_lock(&memoryMutex);
    nthAllocation = n;
    allocationPersists = persists;
    allocationFailures = 0;
    pthread_mutex_unlock(&memoryMutex);
}

uint64_t power_malloc_failures(void) {
    pthread_mutex_lock(&memoryMutex);
    uint64_t count = allocationFailures;
    pthread_mutex_unlock(&memoryMutex);
    return count;
}
