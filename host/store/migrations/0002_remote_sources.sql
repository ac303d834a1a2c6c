-- What was last read from each address, so that a restart without a network loses nothing.
CREATE TABLE addresses (
    address TEXT PRIMARY KEY,
    version TEXT,
    read_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE address_files (
    address TEXT NOT NULL REFERENCES addresses (address) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    url     TEXT NOT NULL,
    hash    TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (address, number)
) STRICT;

-- How far each entity provider is.
CREATE TABLE providers (
    name   TEXT PRIMARY KEY,
    cursor TEXT,
    state  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What providers gave, as they gave it.
CREATE TABLE provided_entities (
    provider     TEXT NOT NULL REFERENCES providers (name) ON DELETE CASCADE,
    entity_ref   TEXT NOT NULL,
    bucket       INTEGER NOT NULL,
    location_key TEXT,
    hash         TEXT NOT NULL,
    parked       INTEGER NOT NULL,
    body         TEXT NOT NULL,
    PRIMARY KEY (provider, entity_ref)
) STRICT;
CREATE INDEX provided_entities_by_bucket ON provided_entities (provider, bucket);
