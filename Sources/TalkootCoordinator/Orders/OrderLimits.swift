/// The bounds of what a requester may ask of a long-lived coordinator, and of what either waits for.
public enum OrderLimits {
    /// Orders of one connection that are answered at once.
    static let openOrders = 8
    /// Time for the other side to answer, in seconds: a submission plans and measures.
    static let answerSeconds: Int64 = 120
    /// Time for a requester to send a piece of its package or input, in seconds.
    static let pieceSeconds: Int64 = 60
    /// The largest answer that a requester takes, in bytes.
    static let answerBytes = 16 << 20
    /// The largest input that is sent to a coordinator, in bytes: it is kept with the job.
    public static let inputBytes: UInt64 = 64 << 30
    /// Bytes of a result that one order gives at most: one CHUNK.
    public static let resultPieceBytes = 1 << 20
}
