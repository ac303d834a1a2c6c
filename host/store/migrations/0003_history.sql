-- Which version of an entity its row is, since when, how it came to be, and who made it so.
ALTER TABLE entities ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- Nothing on rows that are older than this table of changes.
ALTER TABLE entities ADD COLUMN since INTEGER;
ALTER TABLE entities ADD COLUMN came INTEGER NOT NULL DEFAULT 0;
-- Nothing when its source alone did.
ALTER TABLE entities ADD COLUMN cause TEXT;

-- What changes replaced. Nothing is written here when an entity is first seen.
CREATE TABLE entity_versions (
    entity_ref TEXT NOT NULL,
    version    INTEGER NOT NULL,
    came       INTEGER NOT NULL,
    since      INTEGER,
    until      INTEGER NOT NULL,
    source     TEXT NOT NULL,
    origin     TEXT NOT NULL,
    cause      TEXT,
    etag       TEXT,
    -- The text is what this many bytes of the start and of the end of the next version's text have between them.
    head       INTEGER NOT NULL,
    tail       INTEGER NOT NULL,
    -- How long the kept part is when it is unpacked; nothing when it is not packed.
    unpacked   INTEGER,
    kept       BLOB NOT NULL,
    PRIMARY KEY (entity_ref, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX entity_versions_by_end ON entity_versions (until);

-- What subscribers are told: one row for each transaction, with one line for each entity.
CREATE TABLE changes (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    entries TEXT NOT NULL
) STRICT;

-- What others say of entities, until it expires.
CREATE TABLE entity_statuses (
    entity_ref TEXT NOT NULL,
    source     TEXT NOT NULL,
    status     TEXT NOT NULL,
    set_at     INTEGER NOT NULL,
    set_by     TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (entity_ref, source)
) STRICT, WITHOUT ROWID;

-- Facts about this database's history: since when it is whole, and how its changes are told from those of others.
CREATE TABLE history_facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
