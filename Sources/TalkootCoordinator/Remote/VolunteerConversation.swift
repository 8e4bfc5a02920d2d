import NIOCore
import TalkootCore
import TalkootProtocol
import TalkootScheduling

/// What is said between this coordinator and one volunteer, over one connection. Pure: messages in, actions out.
///
/// Asked -> promised (it said yes and fetches the module) -> working (it said ready) -> over. Everything a volunteer says is held against
/// what it was given; a claim that cannot be true ends the conversation.
struct VolunteerConversation: Sendable {
    /// What the session must do, in order.
    enum Action: Hashable, Sendable {
        /// Say this.
        case send(Message)
        /// So many slots are ready for leases.
        case join(slots: Int)
        /// It takes part in the swarm; tell it of others.
        case share(Message.Holding)
        /// It complains of another one.
        case note(Message.Complaint)
        /// Answer a fetch, when the connection can take it.
        case serve(Message.Fetch)
        /// Units of a lease that `host` holds are finished.
        case finish(Commit, host: HostID)
        /// A heartbeat.
        case progress(LeaseID, host: HostID, next: UInt64)
        /// Units are given back.
        case release(LeaseID, host: HostID, from: UInt64)
        /// What a unit left behind that it was given and that it stops.
        case keep(Checkpoint)
        /// It is over; say why when there is a fault, and close.
        case close(VolunteerStatus.Phase, Message.Fault?)
    }

    private enum State: Sendable {
        case asked
        case promised
        case working(hosts: [HostID])
        case over
    }

    /// A lease as it was granted.
    private struct Granted: Sendable {
        let host: HostID
        let units: Range<UInt64>
    }

    private let job: Message.JobDescription
    private var state = State.asked
    private var leases: [UInt64: Granted] = [:]
    /// Leases in the order of their grants: the oldest are forgotten first.
    private var leaseOrder: [UInt64] = []
    private var openFetches: Set<UInt32> = []

    /// How many bytes of a subject can be fetched.
    private let sizeBytes: @Sendable (Message.Fetch.Subject) -> UInt64
    /// Complaints and announcements that are still listened to: what comes beyond is ignored.
    private var swarmMessagesLeft = CoordinatorLimits.swarmMessages

    init(job: Message.JobDescription, sizeBytes: @escaping @Sendable (Message.Fetch.Subject) -> UInt64) {
        (self.job, self.sizeBytes) = (job, sizeBytes)
    }

    /// The hosts that are its slots.
    var hosts: [HostID] { if case .working(let hosts) = state { hosts } else { [] } }

    /// Whether it has not answered the request yet.
    var isUndecided: Bool { if case .asked = state { true } else { false } }

    /// Whether it has answered and is not ready yet.
    var isPreparing: Bool { if case .promised = state { true } else { false } }

    // MARK: What this side does

    /// The slots have become hosts with these numbers.
    mutating func joined(_ hosts: [HostID]) {
        guard case .working = state else { return }
        state = .working(hosts: hosts)
    }

    /// A lease for one of its slots; gives the message, without the input's byte range.
    mutating func grant(_ lease: Lease) -> Message.Grant? {
        guard let slot = hosts.firstIndex(of: lease.host) else { return nil }
        if leaseOrder.count >= CoordinatorLimits.leasesPerConnection {
            let forgotten = leaseOrder.prefix(leaseOrder.count / 2)
            for old in forgotten { leases[old] = nil }
            leaseOrder.removeFirst(forgotten.count)
        }
        leases[lease.id.rawValue] = Granted(host: lease.host, units: lease.units)
        leaseOrder.append(lease.id.rawValue)
        return Message.Grant(job: job.id, lease: lease.id.rawValue, slot: slot, units: lease.units)
    }

    /// A fetch is answered.
    mutating func served(stream: UInt32) { openFetches.remove(stream) }

    /// It is over, whoever said so.
    mutating func end() { state = .over }

    // MARK: What the volunteer says

    /// Takes in a message.
    mutating func receive(_ message: Message) -> [Action] {
        if case .over = state { return [] }
        switch message {
        case .response(let response) where concerns(response.job): return answered(response)
        case .ready(let ready) where concerns(ready.job): return readied(ready)
        case .fetch(let fetch) where concerns(fetch.job): return fetched(fetch)
        case .holding(let holding) where concerns(holding.job): return isUndecided ? [] : swarm(.share(holding))
        case .complaint(let complaint) where concerns(complaint.job): return isUndecided ? [] : swarm(.note(complaint))
        case .progress(let progress) where concerns(progress.job):
            return withLease(progress.lease) { granted in
                guard progress.next >= granted.units.lowerBound, progress.next <= granted.units.upperBound else { return nil }
                return .progress(LeaseID(rawValue: progress.lease), host: granted.host, next: progress.next)
            }
        case .release(let release) where concerns(release.job):
            return withLease(release.lease) { granted in
                guard release.from >= granted.units.lowerBound, release.from <= granted.units.upperBound else { return nil }
                return .release(LeaseID(rawValue: release.lease), host: granted.host, from: release.from)
            }
        case .cancel(let cancellation) where concerns(cancellation.job):
            return close(.lost(reason: Self.clean(cancellation.reason)))
        case .quit: return close(.lost(reason: "it left"))
        case .error(let fault):
            guard isUndecided || isPreparing else { return [] }
            return close(.declined(reason: Self.clean(fault.reason)))
        case .status, .hello: return []
        default:
            return [.send(.error(Message.Fault(regarding: "", code: "usage", reason: "a coordinator does not serve this", job: job.id)))]
        }
    }

    /// Takes in finished units.
    mutating func receive(_ commit: Commit) -> [Action] {
        if case .over = state { return [] }
        guard commit.job == job.id else { return lie("a commit for another job") }
        if let fault = fault(of: commit) { return lie(fault) }
        return withLease(commit.lease) { granted in
            guard commit.units.lowerBound >= granted.units.lowerBound, commit.units.upperBound <= granted.units.upperBound else {
                return nil
            }
            return .finish(commit, host: granted.host)
        }
    }

    /// Takes in what a unit left behind.
    mutating func receive(_ checkpoint: Checkpoint) -> [Action] {
        if case .over = state { return [] }
        guard checkpoint.job == job.id else { return lie("a checkpoint for another job") }
        return withLease(checkpoint.lease) { granted in granted.units.contains(checkpoint.unit) ? .keep(checkpoint) : nil }
    }

    /// It did not answer, or not get ready, in time.
    mutating func timedOut() -> [Action] {
        if isUndecided { return close(.lost(reason: "it did not answer")) }
        if isPreparing { return close(.lost(reason: "it did not get ready")) }
        return []
    }

    /// Ends the conversation because of something that cannot be true.
    mutating func lie(_ what: String) -> [Action] {
        let fault = Message.Fault(regarding: "commit", code: TalkootError.Code.badData.rawValue, reason: what, job: job.id)
        return close(.expelled(reason: what), fault)
    }

    private mutating func close(_ phase: VolunteerStatus.Phase, _ fault: Message.Fault? = nil) -> [Action] {
        state = .over
        return [.close(phase, fault)]
    }

    private func concerns(_ id: JobID?) -> Bool { id == job.id }

    private mutating func answered(_ response: Message.WorkResponse) -> [Action] {
        guard isUndecided else { return lie("a second answer to one request") }
        guard response.reply == "yes" else { return close(.declined(reason: Self.clean(response.reason ?? "it gave no reason"))) }
        state = .promised
        return []
    }

    private mutating func readied(_ ready: Message.Ready) -> [Action] {
        guard isPreparing else { return lie("ready without an answer before") }
        guard ready.level >= job.minimumLevel else {
            return close(
                .declined(reason: "it confines at level \(ready.level), this job wants \(job.minimumLevel)"),
                Message.Fault(regarding: "ready", code: "refused", reason: "the job wants level \(job.minimumLevel)", job: job.id))
        }
        guard ready.slots >= 1 else { return lie("ready with no slot") }
        state = .working(hosts: [])
        return [.join(slots: min(ready.slots, CoordinatorLimits.slotsPerVolunteer))]
    }

    private mutating func swarm(_ action: Action) -> [Action] {
        guard swarmMessagesLeft > 0 else { return [] }
        swarmMessagesLeft -= 1
        return [action]
    }

    private mutating func fetched(_ fetch: Message.Fetch) -> [Action] {
        let size = sizeBytes(fetch.subject)
        guard fetch.length >= 1, fetch.length <= Limits.fetchBytes, fetch.offset < size else { return lie("a fetch beyond its limits") }
        guard openFetches.count < Limits.openFetches + Limits.swarmFetches, openFetches.insert(fetch.stream).inserted else {
            return lie("too many fetches at once")
        }
        var bounded = fetch
        bounded.length = min(fetch.length, size - fetch.offset)
        return [.serve(bounded)]
    }

    private mutating func withLease(_ number: UInt64, _ body: (Granted) -> Action?) -> [Action] {
        guard let granted = leases[number] else { return lie("lease \(number), which it was never given") }
        guard let action = body(granted) else { return lie("units outside lease \(number)") }
        return [action]
    }

    /// What is wrong with a commit whatever its lease.
    private func fault(of commit: Commit) -> String? {
        if commit.units.isEmpty { return "a commit without units" }
        if let failure = commit.failure {
            let isShort = commit.bytes.readableBytes <= Limits.failureLogBytes
            guard commit.units.count == 1, isShort, commit.resultEnds.isEmpty, !failure.isDone else {
                return "a failure that is more than one unit"
            }
            return failure.summary.utf8.count > 2 * CoordinatorLimits.textBytes ? "a failure with too many words" : nil
        }
        guard commit.resultEnds.count == commit.units.count, commit.resultEnds.last == commit.bytes.readableBytes else {
            return "results that do not add up"
        }
        var previous = 0
        for end in commit.resultEnds {
            if end < previous { return "results that overlap" }
            if UInt64(end - previous) > job.limits.outputBytes { return "a result above the job's limit" }
            previous = end
        }
        return nil
    }

    /// Words of somebody else, short and printable.
    private static func clean(_ text: String) -> String {
        String(text.unicodeScalars.prefix(200).map { $0.properties.generalCategory == .control ? " " : Character($0) })
    }
}
