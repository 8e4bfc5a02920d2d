import TalkootCore
import TalkootProtocol

/// Decides which jobs may run here. Pure: it knows the owner's limits and who sits where, and nothing else.
///
/// A job that is let in holds a **seat** until it leaves. Seats are few; all jobs share the slots (see `Turnstile`).
struct Governor: Sendable {
    /// A place for one job, `0 ..< VolunteerLimits.seats`.
    typealias Seat = Int

    /// The owner's limits.
    struct Policy: Sendable {
        var accept: AcceptPolicy
        var trusted: Set<String>
        var memoryBytes: UInt64
        var threads: Int
        var unitSeconds: Double
        var minimumLevel: ConfinementLevel
        var level: ConfinementLevel
    }

    /// Somebody who asks, as far as the connection tells.
    struct Asker: Hashable, Sendable {
        var address: String
        var peer: PeerID?
    }

    /// What is known of a module that lies in the store.
    struct KnownModule: Hashable, Sendable {
        var name: String
        var version: String
        var publisher: String?
    }

    /// The answer to a request.
    enum Decision: Hashable, Sendable {
        /// Let in under these limits; the seat named `replacing` belonged to an older connection of the same peer for the same job.
        case yes(Admission, replacing: Seat?)
        /// The owner is to be asked; `answer` continues. The seat is held meanwhile.
        case ask(Admission)
        /// Not let in.
        case no(TalkootError)
    }

    /// A job that holds a seat.
    struct Admission: Hashable, Sendable {
        var seat: Seat
        var job: Message.JobDescription
        var limits: CellLimits
        var summary: JobRequestSummary
        var asker: Asker
    }

    private let policy: Policy
    private var seats: [Admission?]
    private(set) var isDraining = false
    /// Whether the owner wants nothing to run for now.
    var isPaused = false
    /// The newest refusals, oldest first.
    private(set) var refusals: [Refusal] = []

    init(policy: Policy, seats: Int = VolunteerLimits.seats) {
        self.policy = policy
        self.seats = Array(repeating: nil, count: seats)
    }

    /// The jobs that hold a seat.
    var admissions: [Admission] { seats.compactMap { $0 } }

    /// Whether another job would find a seat.
    var isOpen: Bool { !isDraining && !isPaused && seats.contains { $0 == nil } }

    /// Answers a request for work.
    mutating func consider(_ request: Message.WorkRequest, from asker: Asker, known: KnownModule?, at now: Tick) -> Decision {
        guard let job = request.job else {
            return refuse(request.moduleName, asker, at: now, .usage, "the request names no job", "send the job with the request")
        }
        let summary = summary(of: request, job: job, from: asker, known: known)
        if let error = objection(to: job, moduleName: request.moduleName, known: known) {
            return refuse(summary.description, asker, at: now, error.code, error.message, error.remedy)
        }
        let older = seats.firstIndex { $0?.job.id == job.id && $0?.asker.peer == asker.peer && asker.peer != nil }
        guard let seat = older ?? seats.firstIndex(where: { $0 == nil }) else {
            return refuse(
                summary.description, asker, at: now, .tryLater, "busy: \(seats.count) jobs run here already", "ask again later")
        }
        let admission = Admission(seat: seat, job: job, limits: limits(for: job), summary: summary, asker: asker)
        if policy.accept == .ask, older == nil, !isTrusted(job.module, publisher: known?.publisher) {
            seats[seat] = admission
            return .ask(admission)
        }
        seats[seat] = admission
        return .yes(admission, replacing: older)
    }

    /// Goes on after the owner answered.
    mutating func answer(_ admission: Admission, isAllowed: Bool, at now: Tick) -> Decision {
        guard seats[admission.seat] == admission else { return .no(TalkootError(.tryLater, "the request is over")) }
        if isAllowed && !isDraining { return .yes(admission, replacing: nil) }
        seats[admission.seat] = nil
        let message = isDraining ? Self.draining : "the owner of this volunteer said no"
        return refuse(
            admission.summary.description, admission.asker, at: now, isDraining ? .tryLater : .refused, message, "ask another volunteer")
    }

    /// Looks again once the package is here and its signature is known; `nil` when the job may run.
    mutating func objection(to admission: Admission, publisher: String?, moduleName: String, at now: Tick) -> TalkootError? {
        let message: String
        if policy.accept == .trusted, !isTrusted(admission.job.module, publisher: publisher) {
            message =
                publisher.map { "its publisher \($0) is not trusted here" } ?? "the module is not signed, and only trusted ones run here"
        } else if moduleName != admission.summary.moduleName {
            message = "the module is called \(moduleName), not \(admission.summary.moduleName)"
        } else {
            return nil
        }
        guard case .no(let error) = refuse(admission.summary.description, admission.asker, at: now, .refused, message, Self.trustRemedy)
        else { return nil }
        return error
    }

    /// Frees a seat, if it is still held for that job and asker.
    mutating func leave(_ admission: Admission) {
        if seats[admission.seat]?.job.id == admission.job.id, seats[admission.seat]?.asker == admission.asker {
            seats[admission.seat] = nil
        }
    }

    /// From now on every request is answered "no".
    mutating func drain() { isDraining = true }
}

extension Governor {
    /// A request that was answered "no", for the owner.
    struct Refusal: Hashable, Sendable {
        var request: String
        var asker: Asker
        var reason: TalkootError
        var at: Tick
    }

    private static let draining = "this volunteer is stopping"
    private static let trustRemedy = "ask another volunteer, or have the owner of this one trust the publisher or the module"

    /// Why a job may not run here, whoever asks; `nil` when nothing speaks against it.
    private func objection(to job: Message.JobDescription, moduleName: String, known: KnownModule?) -> TalkootError? {
        if isDraining { return TalkootError(.tryLater, Self.draining, remedy: "ask another volunteer") }
        if isPaused { return TalkootError(.tryLater, "this volunteer is paused by its owner", remedy: "ask again later") }
        if let error = levelObjection(to: job) ?? limitObjection(to: job) { return error }
        guard policy.accept == .trusted, let known, !isTrusted(job.module, publisher: known.publisher) else { return nil }
        let what =
            known.publisher.map { "its publisher \($0) is not trusted here" }
            ?? "\(known.name) is not signed, and only trusted modules run here"
        return TalkootError(.refused, what, remedy: Self.trustRemedy)
    }

    private func levelObjection(to job: Message.JobDescription) -> TalkootError? {
        if policy.level == .none || policy.level < policy.minimumLevel {
            return TalkootError(
                .refused, "this machine confines at level \(policy.level), below its owner's minimum of \(policy.minimumLevel)",
                remedy: "see `talkoot doctor` there")
        }
        guard policy.level < job.minimumLevel else { return nil }
        return TalkootError(
            .refused, "the job wants confinement level \(job.minimumLevel), this machine has \(policy.level)",
            remedy: "ask another volunteer")
    }

    private func limitObjection(to job: Message.JobDescription) -> TalkootError? {
        let wanted = job.limits
        if wanted.memoryBytes > policy.memoryBytes {
            return TalkootError(
                .refused,
                "the job wants \(NumberText.size(wanted.memoryBytes)) of memory a cell, this volunteer allows \(NumberText.size(policy.memoryBytes))",
                remedy: "ask another volunteer")
        }
        if wanted.threads > policy.threads {
            return TalkootError(
                .refused, "the job wants \(wanted.threads) threads a cell, this volunteer allows \(policy.threads)",
                remedy: "ask another volunteer")
        }
        if job.packageBytes == 0 || job.packageBytes > UInt64(Limits.packageBytes) {
            return TalkootError(
                .badData, "a package of \(job.packageBytes) bytes is out of range",
                remedy: "packages are at most \(NumberText.size(UInt64(Limits.packageBytes)))")
        }
        let seconds = [wanted.unitWallSeconds, wanted.unitProcessorSeconds]
        guard wanted.threads >= 1, seconds.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            return TalkootError(.badData, "the job's limits make no sense", remedy: "give at least one thread and finite times above zero")
        }
        return nil
    }

    /// The job's limits, lowered to the owner's.
    private func limits(for job: Message.JobDescription) -> CellLimits {
        var limits = job.limits
        limits.memoryBytes = max(min(limits.memoryBytes, policy.memoryBytes), 8 << 20)
        limits.outputBytes = min(limits.outputBytes, CellLimits().outputBytes)
        limits.logBytes = min(limits.logBytes, VolunteerLimits.logBytes)
        limits.unitWallSeconds = min(limits.unitWallSeconds, policy.unitSeconds)
        limits.unitProcessorSeconds = min(limits.unitProcessorSeconds, policy.unitSeconds)
        return limits
    }

    private func isTrusted(_ module: Digest, publisher: String?) -> Bool {
        policy.trusted.contains(module.description) || publisher.map(policy.trusted.contains) ?? false
    }

    private func summary(
        of request: Message.WorkRequest, job: Message.JobDescription, from asker: Asker, known: KnownModule?
    ) -> JobRequestSummary {
        JobRequestSummary(
            moduleName: known?.name ?? JobRequestSummary.line(request.moduleName), version: known?.version, publisher: known?.publisher,
            digest: job.module, requester: job.requester.isEmpty ? asker.address : JobRequestSummary.line(job.requester),
            readsInput: job.inputBytes > 0, memoryBytes: job.limits.memoryBytes, threads: job.limits.threads,
            title: JobRequestSummary.line(request.title))
    }

    private mutating func refuse(
        _ request: String, _ asker: Asker, at now: Tick, _ code: TalkootError.Code, _ message: String, _ remedy: String
    ) -> Decision {
        let error = TalkootError(code, message, remedy: remedy)
        if refusals.count >= VolunteerLimits.refusals { refusals.removeFirst() }
        refusals.append(Refusal(request: request, asker: asker, reason: error, at: now))
        return .no(error)
    }
}
