// A disk in memory under SQLite, and SQLite's allocator, both of which fail when they are told to. What the disk promises and how it loses power is
// said at the head of power_vfs.c. One disk per process; any thread may call.
#ifndef CPOWERVFS_H
#define CPOWERVFS_H
#include <stdint.h>

/// Registers the VFS named "power"; the system's stays the default. Returns an SQLite result code.
int power_vfs_register(void);

// MARK: The disk

/// An empty disk, with its power on and no failure planned. Whoever has a file open loses it.
void power_disk_reset(void);
/// How many copies of the disk can be kept.
#define POWER_SLOTS 4
/// Keeps a copy of the disk as programs see it, all of it durable.
void power_disk_save(int slot);
/// Puts a kept copy back, with the power on and no failure planned. Whoever has a file open loses it.
void power_disk_load(int slot);
/// Bytes of a file as programs see it; -1 if there is none.
int64_t power_disk_size(const char *path);
/// Flips one bit of a file, durably. Returns 0 if there is no such bit.
int power_disk_flip(const char *path, int64_t bit);
/// Copies at most `size` bytes of a file out; returns how many.
int64_t power_disk_export(const char *path, void *bytes, int64_t size);
/// Makes or replaces a file, durably. Returns 0 if the disk has no room for it.
int power_disk_import(const char *path, const void *bytes, int64_t size);
/// Makes an SQLite file with pages of this size and nothing in it, for stores that are to be small. Returns an SQLite result code.
int power_disk_make(const char *path, int pageSize);

// MARK: Losing power

/// Lets the same chance come again: the disk's, and SQLite's own.
void power_seed(uint64_t seed);
/// After this many further effects the power is gone: that effect and every call after it fail, until power_restore.
/// An effect is a write, a truncation, a sync, a deletion, or the making of a file.
void power_fail_after(uint64_t effects);
/// Makes durable which names there are; nothing once the power is gone.
void power_sync_folder(void);
/// Whether the power is gone.
int power_is_gone(void);
/// What the disk holds after power came back: what was synced, and of the rest what the seed leaves. Whoever had a file open has lost it.
void power_restore(uint64_t seed);
/// Effects since the disk was reset or loaded.
uint64_t power_effects(void);

// MARK: Failing and going on

/// The n-th effect from now fails, and if `persists` every one after it. A write that fails may have been done in part.
/// `code` is SQLite's, 0 the one that fits; SQLITE_FULL meets writes only, others get the one that fits. `n` 0: none fails.
void power_fail_nth(uint64_t n, int code, int persists);
/// Whether writes that a failed sync was for may be lost for good while programs still see them. Not unless told.
void power_failed_syncs_lose(int lose);
/// The n-th read from now fails with SQLITE_IOERR_READ, and if `persists` every one after it. 0: none does.
void power_fail_nth_read(uint64_t n, int persists);
/// How many effects and reads failed since the last call of either.
uint64_t power_failures(void);

// MARK: Memory

/// Puts itself between SQLite and its allocator, and turns off the small pieces SQLite keeps for itself, so that every allocation is met.
/// Before anything else of SQLite is called, or it returns SQLITE_MISUSE.
int power_malloc_install(void);
/// The n-th allocation from now fails, and if `persists` every one after it. 0: none does.
void power_malloc_fail_nth(uint64_t n, int persists);
/// How many allocations failed since then.
uint64_t power_malloc_failures(void);
#endif
