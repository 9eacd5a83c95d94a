// The one call of SQLite that Swift cannot make because it is variadic.
#ifndef DUNDIAN_CSQLITE_H
#define DUNDIAN_CSQLITE_H

#include <sqlite3.h>

/// Closing this connection does not checkpoint, even if it is the last. Returns an SQLite result code.
static inline int dundian_no_checkpoint_on_close(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

#endif
