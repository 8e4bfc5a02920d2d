import NIOCore
import TalkootCore

/// Joins the pieces of a result that is larger than a frame. Its pieces come one after another, other frames may lie between.
struct CommitAssembler {
    private let limitBytes: Int
    private var pending: Commit?

    init(limitBytes: Int = Limits.resultBytes) { self.limitBytes = limitBytes }

    /// Takes the next COMMIT; gives the whole commit when it is complete.
    mutating func add(_ piece: Commit) throws(Message.Fault) -> Commit? {
        guard var whole = pending else {
            guard piece.more else { return piece }
            pending = piece
            return nil
        }
        guard piece.failure == nil, piece.job == whole.job, piece.lease == whole.lease, piece.units == whole.units else {
            throw CommitCodec.fault("a result that goes on is followed by another one")
        }
        guard whole.bytes.readableBytes + piece.bytes.readableBytes <= limitBytes else {
            throw CommitCodec.fault("a result is larger than \(limitBytes) bytes")
        }
        pending = nil
        whole.bytes.writeImmutableBuffer(piece.bytes)
        whole.processorMicroseconds &+= piece.processorMicroseconds
        whole.more = piece.more
        whole.resultEnds = [whole.bytes.readableBytes]
        if whole.more {
            pending = whole
            return nil
        }
        return whole
    }
}
