// The tables of a replica, and how they came to be. Small integer keys inside; the long random names stand once.
//
//      scope --< journal --< entry >--< edit >-- record --< item
//                                               unindexed, link
//
// Tables begin with an underscore, so that a record type of any name can have its view. `_entry.id` is the order of arrival. A state is what StateCodec writes; the functions of Views.swift read fields out of it.

import GRDB

import struct Foundation.Data

enum Schema {
    /// "DuDi": tells a replica from any other SQLite file.
    static let applicationID = 0x44754469

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(
                sql: """
                    CREATE TABLE _scope (
                        id INTEGER PRIMARY KEY,
                        name BLOB NOT NULL UNIQUE
                    );
                    CREATE TABLE _journal (
                        id INTEGER PRIMARY KEY,
                        scope INTEGER NOT NULL REFERENCES _scope(id),
                        name BLOB NOT NULL,
                        replica BLOB NOT NULL,
                        position INTEGER NOT NULL,
                        hash BLOB NOT NULL,
                        time INTEGER NOT NULL,
                        roster INTEGER NOT NULL,
                        key BLOB,
                        counted INTEGER NOT NULL,
                        UNIQUE (scope, name)
                    );
                    CREATE TABLE _branch (
                        scope INTEGER NOT NULL REFERENCES _scope(id),
                        name BLOB NOT NULL,
                        parent BLOB NOT NULL,
                        replica BLOB NOT NULL,
                        start INTEGER NOT NULL,
                        UNIQUE (scope, name)
                    );
                    CREATE TABLE _fork_proof (
                        id INTEGER PRIMARY KEY,
                        scope INTEGER NOT NULL REFERENCES _scope(id),
                        bytes BLOB NOT NULL
                    );
                    CREATE TABLE _entry (
                        id INTEGER PRIMARY KEY,
                        scope INTEGER NOT NULL REFERENCES _scope(id),
                        journal INTEGER NOT NULL REFERENCES _journal(id),
                        position INTEGER NOT NULL,
                        hash BLOB NOT NULL,
                        time INTEGER NOT NULL,
                        clock_offset INTEGER,
                        roster INTEGER NOT NULL,
                        signature BLOB,
                        skeleton BLOB NOT NULL,
                        "values" BLOB NOT NULL
                    );
                    CREATE UNIQUE INDEX entry_by_position ON _entry (journal, position);
                    CREATE INDEX entry_by_scope ON _entry (scope);
                    CREATE TABLE _record (
                        id INTEGER PRIMARY KEY,
                        scope INTEGER NOT NULL REFERENCES _scope(id),
                        name BLOB NOT NULL,
                        type TEXT NOT NULL,
                        deleted INTEGER NOT NULL,
                        changed INTEGER NOT NULL,
                        state BLOB NOT NULL
                    );
                    CREATE UNIQUE INDEX record_by_scope ON _record (scope, name);
                    CREATE INDEX record_by_name ON _record (name);
                    CREATE INDEX record_by_change ON _record (changed);
                    CREATE INDEX record_by_type ON _record (type, changed);
                    CREATE TABLE _edit (
                        record INTEGER NOT NULL REFERENCES _record(id) ON DELETE CASCADE,
                        entry INTEGER NOT NULL REFERENCES _entry(id),
                        PRIMARY KEY (record, entry)
                    ) WITHOUT ROWID;
                    CREATE TABLE _item (
                        name BLOB NOT NULL PRIMARY KEY,
                        record INTEGER NOT NULL REFERENCES _record(id) ON DELETE CASCADE,
                        scope INTEGER NOT NULL REFERENCES _scope(id),
                        since INTEGER NOT NULL,
                        content BLOB NOT NULL
                    );
                    CREATE INDEX item_by_record ON _item (record);
                    CREATE INDEX item_by_age ON _item (since, name);
                    CREATE TABLE _setting (
                        key TEXT NOT NULL PRIMARY KEY,
                        value BLOB NOT NULL
                    ) WITHOUT ROWID;
                    CREATE TABLE _quarantine (
                        id INTEGER PRIMARY KEY,
                        scope BLOB NOT NULL,
                        journal BLOB NOT NULL,
                        position INTEGER NOT NULL,
                        code TEXT NOT NULL,
                        detail TEXT NOT NULL,
                        time INTEGER NOT NULL,
                        digest BLOB NOT NULL,
                        bytes BLOB NOT NULL
                    );
                    CREATE UNIQUE INDEX quarantine_once ON _quarantine (scope, journal, position, digest);
                    CREATE TABLE _draft (
                        key TEXT NOT NULL PRIMARY KEY,
                        saved INTEGER NOT NULL,
                        bytes BLOB NOT NULL
                    ) WITHOUT ROWID;
                    """)
        }
        // What the search index, which has a file of its own, does not hold as it stands: see Search/.
        migrator.registerMigration("2") { db in
            try db.execute(
                sql: """
                    CREATE TABLE _unindexed (
                        record INTEGER PRIMARY KEY,
                        erased INTEGER NOT NULL DEFAULT 0,
                        taken INTEGER NOT NULL DEFAULT 0
                    );
                    CREATE TABLE _index (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        stamp BLOB NOT NULL,
                        previous BLOB
                    );
                    INSERT INTO _index (id, stamp) VALUES (1, randomblob(16));
                    INSERT INTO _unindexed (record) SELECT id FROM _record;
                    """)
        }
        // States with the bases that texts are merged from: an older program could not read them. The replica folds its records anew.
        migrator.registerMigration("3") { _ in }
        // What records are like, what decides, what only tells, when entries came. The replica folds its records anew.
        migrator.registerMigration("4") { db in
            try db.execute(
                sql: """
                    ALTER TABLE _entry ADD COLUMN received INTEGER;
                    ALTER TABLE _record ADD COLUMN likeness BLOB;
                    CREATE INDEX record_by_likeness ON _record (scope, likeness, name) WHERE likeness IS NOT NULL;
                    ALTER TABLE _edit ADD COLUMN decides INTEGER NOT NULL DEFAULT 0;
                    CREATE INDEX edit_that_decides ON _edit (entry, record) WHERE decides = 1;
                    DROP TABLE _item;
                    CREATE TABLE _item (
                        id INTEGER PRIMARY KEY,
                        name BLOB NOT NULL UNIQUE,
                        record INTEGER NOT NULL REFERENCES _record(id) ON DELETE CASCADE,
                        scope INTEGER NOT NULL REFERENCES _scope(id),
                        since INTEGER NOT NULL,
                        notice INTEGER NOT NULL,
                        content BLOB NOT NULL
                    );
                    CREATE INDEX item_by_record ON _item (record);
                    CREATE INDEX item_by_age ON _item (notice, since, name);
                    """)
        }
        // Short values beside the state, and who refers to whom. The replica folds its records anew.
        migrator.registerMigration("5") { db in
            try db.execute(
                sql: """
                    ALTER TABLE _record ADD COLUMN facts BLOB;
                    ALTER TABLE _record ADD COLUMN links BLOB;
                    CREATE INDEX record_by_facts ON _record (type, deleted, scope, name, facts);
                    CREATE TABLE _link (
                        target BLOB NOT NULL,
                        record INTEGER NOT NULL,
                        PRIMARY KEY (target, record)
                    ) WITHOUT ROWID;
                    """)
        }
        // By what damage of a setting or a draft is told.
        migrator.registerMigration("6") { db in
            try db.execute(sql: "ALTER TABLE _setting ADD COLUMN sum BLOB; ALTER TABLE _draft ADD COLUMN sum BLOB")
            for row in try Row.fetchAll(db, sql: "SELECT key, value FROM _setting") {
                let (key, value): (String, Data) = (row["key"], row["value"])
                try db.execute(
                    sql: "UPDATE _setting SET sum = ? WHERE key = ?",
                    arguments: [Data(SQLiteSession.settingSum(key, Array(value))), key])
            }
            for row in try Row.fetchAll(db, sql: "SELECT key, saved, bytes FROM _draft") {
                let (key, saved, bytes): (String, Int64, Data) = (row["key"], row["saved"], row["bytes"])
                try db.execute(
                    sql: "UPDATE _draft SET sum = ? WHERE key = ?",
                    arguments: [Data(SQLiteSession.draftSum(key, saved, Array(bytes))), key])
            }
        }
        return migrator
    }
}
