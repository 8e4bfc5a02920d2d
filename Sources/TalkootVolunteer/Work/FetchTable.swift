import TalkootCore
import TalkootProtocol

/// The open fetches of one connection: which stream brings what, and how far it has come. Pure.
struct FetchTable: Sendable {
    /// What the bytes are for.
    enum Purpose: Hashable, Sendable {
        /// The package of the job's module.
        case package
        /// The input of the lease that this slot runs.
        case input(slot: Int, lease: UInt64)
    }

    /// What a chunk turned out to be.
    enum Arrival: Hashable, Sendable {
        /// Bytes at `offset` of the subject; `isComplete` when the fetch is over.
        case bytes(Purpose, offset: UInt64, isComplete: Bool)
        /// Not what was asked for.
        case violation(String)
    }

    /// One fetch on its way.
    private struct Open: Sendable {
        var purpose: Purpose
        var next: UInt64
        var end: UInt64
        var lastHeard: Tick
    }

    private var open: [UInt32: Open] = [:]
    private var nextStream: UInt32 = 1

    /// How many fetches are open for a purpose.
    func count(_ purpose: Purpose) -> Int { open.values.count { $0.purpose == purpose } }

    /// Whether another fetch may be opened.
    var hasRoom: Bool { open.count < Limits.openFetches }

    /// Opens a fetch of `range`, which must not be empty.
    mutating func begin(_ purpose: Purpose, job: JobID, range: Range<UInt64>, at now: Tick) -> Message.Fetch {
        while open[nextStream] != nil || nextStream == 0 { nextStream &+= 1 }
        let stream = nextStream
        nextStream &+= 1
        open[stream] = Open(purpose: purpose, next: range.lowerBound, end: range.upperBound, lastHeard: now)
        let subject: Message.Fetch.Subject = purpose == .package ? .module : .input
        return Message.Fetch(
            stream: stream, job: job, subject: subject, offset: range.lowerBound, length: range.upperBound - range.lowerBound)
    }

    /// Takes note of a chunk of `count` bytes. Chunks of one stream come in order and without gaps.
    mutating func accept(stream: UInt32, offset: UInt64, count: Int, isLast: Bool, at now: Tick) -> Arrival {
        guard var fetch = open[stream] else { return .violation("a chunk on stream \(stream), where nothing was fetched") }
        guard offset == fetch.next, UInt64(count) <= fetch.end - fetch.next else {
            return .violation("a chunk of \(count) bytes at \(offset), where \(fetch.next) to \(fetch.end) was fetched")
        }
        fetch.next += UInt64(count)
        fetch.lastHeard = now
        let isComplete = fetch.next == fetch.end
        if isLast && !isComplete { return .violation("stream \(stream) ended at \(fetch.next), before \(fetch.end)") }
        open[stream] = isComplete ? nil : fetch
        return .bytes(fetch.purpose, offset: offset, isComplete: isComplete)
    }

    /// Ends a fetch that the other side refused.
    ///
    /// - Returns: what it was for; `nil` when no such fetch is open.
    mutating func refused(stream: UInt32) -> Purpose? { open.removeValue(forKey: stream)?.purpose }

    /// What the fetches were for that brought nothing for too long.
    func overdue(at now: Tick) -> [Purpose] {
        open.values.filter { now.seconds(since: $0.lastHeard) > VolunteerLimits.fetchSeconds }.map(\.purpose)
    }

    /// Time during which this machine was suspended does not count against the fetches.
    mutating func forgiveSilence(at now: Tick) {
        for stream in open.keys { open[stream]?.lastHeard = now }
    }

    /// Forgets everything.
    mutating func removeAll() { open.removeAll() }
}
