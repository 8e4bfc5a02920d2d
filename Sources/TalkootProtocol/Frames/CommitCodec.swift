import NIOCore
import TalkootCore

/// COMMIT: job u64, lease u64, first unit u64, units u32, microseconds u64; then for results the ends (u32 each) and the bytes,
/// for a failure (flag 2) the outcome and the end of the log. Flag 1 says that the one unit's bytes go on in the next COMMIT.
enum CommitCodec {
    static let fixedBytes = 36
    static let moreFlag: UInt8 = 1
    static let failureFlag: UInt8 = 2

    // MARK: Splitting

    /// The commits, each small enough for one frame, that carry a commit of any size.
    static func split(_ commit: Commit) -> [Commit] {
        if fits(commit) { return [commit] }
        let count = commit.units.count
        var parts: [Commit] = []
        var first = 0
        while first < count {
            let start = first == 0 ? 0 : commit.resultEnds[first - 1]
            var last = first
            while last + 1 < count, fits(bytes: commit.resultEnds[last + 1] - start, units: last + 2 - first) { last += 1 }
            let part = commit.part(first...last, from: start)
            parts += fits(bytes: part.bytes.readableBytes, units: 1 + last - first) ? [part] : pieces(of: part)
            first = last + 1
        }
        for index in parts.indices.dropFirst() { parts[index].processorMicroseconds = 0 }
        return parts
    }

    /// Whether a commit needs one frame only.
    static func fits(_ commit: Commit) -> Bool {
        commit.failure != nil || fits(bytes: commit.bytes.readableBytes, units: commit.units.count)
    }

    private static func fits(bytes: Int, units: Int) -> Bool {
        bytes <= Limits.commitResultBytes && fixedBytes + 4 * units + bytes <= Limits.commitBytes
    }

    private static func pieces(of commit: Commit) -> [Commit] {
        var left = commit.bytes
        var pieces: [Commit] = []
        while let bytes = left.readSlice(length: min(left.readableBytes, Limits.commitResultBytes)), bytes.readableBytes > 0 {
            var piece = commit
            piece.bytes = bytes
            piece.resultEnds = [bytes.readableBytes]
            piece.more = left.readableBytes > 0
            pieces.append(piece)
        }
        return pieces
    }

    // MARK: Frames

    /// Header and fixed fields of a commit that fits in a frame; its bytes follow.
    static func writeHead(of commit: Commit, sequence: UInt32, into buffer: inout ByteBuffer) {
        var outcome = ByteBuffer()
        if let failure = commit.failure { OutcomeCodec.write(failure, into: &outcome) }
        let flags = (commit.more ? moreFlag : 0) | (commit.failure == nil ? 0 : failureFlag)
        let payloadBytes = fixedBytes + outcome.readableBytes + 4 * commit.resultEnds.count + commit.bytes.readableBytes
        FrameHeader(payloadBytes: UInt32(payloadBytes), type: FrameType.commit, flags: flags, sequence: sequence).write(into: &buffer)
        buffer.writeMultipleIntegers(
            commit.job.rawValue, commit.lease, commit.units.lowerBound, UInt32(commit.units.count), commit.processorMicroseconds)
        buffer.writeBuffer(&outcome)
        for end in commit.resultEnds { buffer.writeInteger(UInt32(end)) }
    }

    static func decode(_ header: FrameHeader, _ payload: ByteBuffer) throws(Message.Fault) -> Commit {
        var payload = payload
        guard
            let (job, lease, first, count, microseconds) = payload.readMultipleIntegers(
                as: (UInt64, UInt64, UInt64, UInt32, UInt64).self),
            count > 0, !first.addingReportingOverflow(UInt64(count)).overflow
        else { throw fault("its fixed fields are wrong") }
        var commit = Commit(
            job: JobID(rawValue: job), lease: lease, units: first..<first + UInt64(count), failure: nil, resultEnds: [],
            bytes: ByteBuffer(), processorMicroseconds: microseconds, more: header.flags & moreFlag != 0)
        if header.flags & failureFlag != 0 {
            guard count == 1, !commit.more, let failure = OutcomeCodec.read(from: &payload) else {
                throw fault("a failure is of one unit and one of the known kinds")
            }
            commit.failure = failure
            commit.bytes = payload.readSlice(length: min(payload.readableBytes, Limits.failureLogBytes)) ?? ByteBuffer()
            return commit
        }
        guard !commit.more || count == 1 else { throw fault("only a single unit's result goes on in the next frame") }
        commit.resultEnds = try ends(count: Int(count), from: &payload)
        commit.bytes = payload.readSlice(length: commit.resultEnds[Int(count) - 1]) ?? ByteBuffer()
        return commit
    }

    private static func ends(count: Int, from payload: inout ByteBuffer) throws(Message.Fault) -> [Int] {
        guard count <= payload.readableBytes / 4 else { throw fault("it has fewer ends than units") }
        let bytes = payload.readableBytes - 4 * count
        var ends: [Int] = []
        ends.reserveCapacity(count)
        var last = 0
        for _ in 0..<count {
            let end = Int(payload.readInteger(as: UInt32.self) ?? .max)
            guard end >= last, end <= bytes else { throw fault("the ends of its results do not ascend within its bytes") }
            ends.append(end)
            last = end
        }
        return ends
    }

    static func fault(_ reason: String) -> Message.Fault { .badData("a COMMIT frame is malformed: \(reason)", regarding: "COMMIT") }
}

extension Commit {
    fileprivate func part(_ positions: ClosedRange<Int>, from start: Int) -> Commit {
        let ends = resultEnds[positions].map { $0 - start }
        let slice = bytes.getSlice(at: bytes.readerIndex + start, length: ends[ends.count - 1]) ?? ByteBuffer()
        let first = units.lowerBound + UInt64(positions.lowerBound)
        return Commit(
            job: job, lease: lease, units: first..<first + UInt64(positions.count), failure: nil, resultEnds: ends, bytes: slice,
            processorMicroseconds: processorMicroseconds, more: false)
    }
}
