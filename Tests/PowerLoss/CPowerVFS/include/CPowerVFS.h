// A disk in memory under SQLite, which loses power, fails and flips bits when it is told to.
#ifndef CPOWERVFS_H
#define CPOWERVFS_H
#include <stdint.h>

/// Registers the VFS named "power"; the system's stays the default.
int power_register(void);
/// An empty disk.
void power_disk_reset(void);
/// Keeps a copy of the disk, and puts it back.
void power_disk_save(void);
void power_disk_load(void);

/// After this many further effects (writes, truncations, syncs, deletions) the power is gone: every call fails until power_restore.
void power_fail_after(uint64_t effects);
/// What a disk holds after power came back: of each file what was synced, and of the rest whatever chance left, whole, in pieces of 512 bytes, or in
/// another order.
void power_restore(uint64_t seed);
/// Whether the power is gone.
int power_is_gone(void);

/// The n-th effect from now fails with this SQLite code, once. 0: none does.
void power_fail_nth(uint64_t n, int code);
/// Whether it has come to that.
int power_nth_failed(void);

/// Bytes of a file whose name ends so; -1 if there is none.
int64_t power_size(const char *ending);
/// Flips one bit of that file, on the disk.
void power_flip(const char *ending, int64_t bit);
#endif
