/// What one cell may use. The volunteer enforces it; the manifest asks for it.
public struct CellLimits: Hashable, Sendable, Codable {
    /// Private writable memory of the module, in bytes; at least 8 MiB.
    public var memoryBytes: UInt64
    /// The most one unit may write as its result, in bytes.
    public var outputBytes: UInt64
    /// The most log text kept for one exchange, in bytes; what is beyond is dropped and flagged.
    public var logBytes: UInt64
    /// Wall-clock time for one unit, in seconds.
    public var unitWallSeconds: Double
    /// Processor time for one unit, in seconds.
    public var unitProcessorSeconds: Double
    /// Threads the module may run, its first one included.
    public var threads: Int

    /// The limits of a cell.
    public init(
        memoryBytes: UInt64 = 64 << 20, outputBytes: UInt64 = 64 << 20, logBytes: UInt64 = 64 << 10,
        unitWallSeconds: Double = 600, unitProcessorSeconds: Double = 600, threads: Int = 1
    ) {
        self.memoryBytes = memoryBytes
        self.outputBytes = outputBytes
        self.logBytes = logBytes
        self.unitWallSeconds = unitWallSeconds
        self.unitProcessorSeconds = unitProcessorSeconds
        self.threads = threads
    }
}
