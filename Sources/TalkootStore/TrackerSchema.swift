extension Schema {
    /// A tracker's database.
    static let tracker = Schema(
        application: 0x544C_4B54, name: "tracker database",
        steps: [
            """
            CREATE TABLE account (
                name TEXT PRIMARY KEY, password TEXT NOT NULL, created INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE token (
                hash BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
                peer TEXT, created INTEGER NOT NULL, expires INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX token_by_account ON token (account, created);
            CREATE INDEX token_by_end ON token (expires);
            CREATE TABLE sighting (
                account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE, peer TEXT NOT NULL,
                address TEXT NOT NULL, port INTEGER NOT NULL, seen INTEGER NOT NULL, modules TEXT NOT NULL,
                PRIMARY KEY (account, peer)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE module (
                digest TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, size INTEGER NOT NULL,
                publisher TEXT, uploader TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (name, version)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX module_by_uploader ON module (uploader);
            """,
            // Why a version was yanked; NULL when it was not.
            """
            ALTER TABLE module ADD COLUMN yanked TEXT;
            """,
        ])
}
