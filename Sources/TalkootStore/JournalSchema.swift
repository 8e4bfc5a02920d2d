extension Schema {
    /// A job's journal. Rows of `result` never overlap: `first` is the first unit of a run, `units` how many it has.
    static let journal = Schema(
        application: 0x544C_4B4A, name: "job journal",
        steps: [
            """
            CREATE TABLE job (number INTEGER PRIMARY KEY CHECK (number = 1), record TEXT NOT NULL) STRICT;
            CREATE TABLE result (
                first INTEGER PRIMARY KEY,
                units INTEGER NOT NULL CHECK (units > 0),
                processor INTEGER NOT NULL,
                failure TEXT,
                volunteer TEXT NOT NULL,
                ends BLOB NOT NULL,
                bytes BLOB NOT NULL
            ) STRICT;
            """
        ])
}
