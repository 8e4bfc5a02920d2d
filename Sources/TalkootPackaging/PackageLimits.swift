/// The bounds on what a package and its parts may be, each checked before anything is allocated for it.
public enum PackageLimits {
    /// A package file: the largest download a volunteer accepts for one module.
    public static let packageBytes = 64 << 20
    /// `manifest.json` and `module.yaml`: a manifest is read whole.
    public static let manifestBytes = 256 << 10
    /// One library: it is copied into a sealed memory file on each host.
    public static let libraryBytes = 32 << 20
    /// `manifest.sig`: 32 bytes of key and 64 of signature.
    public static let signatureBytes = 96
    /// Libraries in a package.
    public static let libraries = 8
    /// Parameters of a module.
    public static let parameters = 64
    /// Samples of a module.
    public static let samples = 64
    /// Points of a check that a manifest names.
    public static let checkPoints = 32
    /// Choices of a text parameter.
    public static let choices = 64
    /// A one-line text (summary, help, licence), in bytes of UTF-8.
    public static let lineBytes = 200
    /// How deep a document may nest.
    public static let depth = 8
    /// How many values a document may hold, aliases counted each time.
    public static let documentNodes = 10_000
    /// Aliases of a `module.yaml` that has anchors: three to each of eight anchors stand for 6561 values.
    public static let aliases = 24
    /// Symbols of a library's dynamic table.
    public static let symbols = 1 << 17
    /// Symbols of a library that are named as the one that a host calls.
    public static let exports = 64
    /// Versions of symbols that a library needs.
    public static let versions = 1024
    /// Entries of a library's dynamic section.
    public static let dynamicEntries = 1024
    /// Packages that a store lists.
    public static let packagesInStore = 4096
    /// A compiler's run, in seconds.
    public static let compilerSeconds = 600
    /// What is kept of a compiler's words, in bytes.
    public static let compilerOutputBytes = 64 << 10
    /// Libraries, and directories of headers, that a module's build names.
    public static let buildEntries = 16
    /// Source files of a module.
    public static let sources = 1024
}
