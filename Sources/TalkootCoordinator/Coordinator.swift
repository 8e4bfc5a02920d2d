import Logging
import Synchronization
public import TalkootCore
import TalkootPackaging
import TalkootSandbox
import TalkootScheduling
public import TalkootStore

/// One job in the requester's own process: splits it, leases units to hosts, journals what they finish, merges.
///
/// ```swift
/// let coordinator = try Coordinator.submit(specification, launcher: launcher, logger: logger)   // or resume(directory:…)
/// try coordinator.addLocalSlots(2)
/// coordinator.addVolunteer(endpoint, name: "ann", network: network)
/// let summary = try await coordinator.run()          // progress and volunteers may be asked meanwhile
/// ```
/// Any thread may call any method. Kill the process at any moment: the journal has every acknowledged result, and
/// ``resume(directory:module:launcher:output:terms:capsules:seat:logger:)`` goes on. ``stop()`` ends ``run()`` in the same way, with `interrupted`; ``cancel()`` ends the job for good.
public final class Coordinator: Sendable {
    /// An output without a path is handed back in memory up to this size, in bytes; a larger one goes to the job's directory.
    public static let outputInMemoryBytes = 8 << 20

    /// The job as it was submitted.
    public let record: JobRecord
    /// The job's own directory.
    public let directory: String
    /// What the job will cost, from units that ran here when it was submitted; `nil` for one that was resumed.
    public let estimate: JobEstimate?

    let job: CoordinatedJob
    let dispatcher: Dispatcher
    let logger: Logger
    let volunteerBook = VolunteerBook()
    let service = VolunteerService()
    let committer: GroupCommitter
    private let merger: Merger
    let localSlots = Mutex(LocalSlots())
    private let ending: JobEnding
    private let arbiter: OwnMachine

    init(job: CoordinatedJob, launcher: CellLauncher, priorUnitSeconds: Double?, estimate: JobEstimate? = nil, logger: Logger)
        throws(TalkootError)
    {
        self.estimate = estimate
        self.job = job
        self.logger = logger
        record = job.record
        directory = job.journal.directory
        let ending = JobEnding()
        let book = volunteerBook
        let isResumedWhole = job.record.state == .done
        let merger = try Merger(
            journal: job.journal, units: job.record.shape.units, isSettled: job.record.verification == nil || isResumedWhole)
        let committer = GroupCommitter(journal: job.journal) { book.resumeReading() }
        let state = try Self.state(of: job, priorUnitSeconds: priorUnitSeconds, book: book)
        let durableAtStart = state.durable.prefixEnd
        let equality = job.equality()
        let arbiter = try OwnMachine(job: job.localJob { committer.waitForRoom() }, equality: equality)
        let later = Later()
        dispatcher = try Dispatcher(
            state: state, committer: committer, equality: equality, describeUnit: job.describeUnit,
            callbacks: Dispatcher.Callbacks(
                durable: { merger.advance(to: $0) }, failed: { ending.end(.failure($0)) }, voided: { merger.restart(below: $0) },
                settled: { merger.settle() }, convicted: { conviction in later.coordinator?.carryOut(conviction) },
                runHere: { units in arbiter.run(units) { later.coordinator?.dispatcher.ranHere($0, $1) } },
                decided: { [decisions = job.decisions] in decisions.note($0, units: $1, volunteer: $2, $3, remedy: $4) }))
        merger.advance(to: durableAtStart)
        self.arbiter = arbiter
        self.ending = ending
        self.merger = merger
        self.committer = committer
        later.set(self)
    }

    deinit {
        dispatcher.end(nil)
        arbiter.end()
        merger.stop()
        service.end()
    }

    // MARK: Running

    /// How the job stands.
    public var progress: CoordinatorProgress {
        let (durable, scheduling) = dispatcher.snapshot
        return CoordinatorProgress(
            units: record.shape.units, unitsDone: durable, unitsMerged: merger.unitsMerged, slots: scheduling.hosts,
            volunteers: volunteerBook.working, rate: scheduling.rate, eta: scheduling.eta, unitsFailed: scheduling.unitsGivenUp)
    }

    /// Works until the output is complete. Call it once.
    ///
    /// A unit that fails for good does not hold up the others; the job has failed then when they are over.
    /// - Throws: ``TalkootError`` `job-failed` when a unit, `merge` or `finish` failed for good or the deadline passed,
    ///   `interrupted` after ``stop()``, ``cancel()`` or when the task is cancelled, `try-later` when nobody has worked on it for
    ///   `patienceSeconds`, `bad-data` when the input was changed, `input-output` when the disk is full. But for ``cancel()`` the job can
    ///   be resumed.
    public func run(patienceSeconds: Double = 120, receipts: ReceiptBook? = nil) async throws(TalkootError) -> JobSummary {
        let clock = MonotonicClock()
        let job = job
        let deadline = record.terms?.deadline.map { max(0, Double($0 - WallClock.secondsSince1970())) }
        job.decisions.note(.started, "work begins; \(progress.unitsDone) of \(record.shape.units) units are done")
        try dispatcher.startTimer(patienceSeconds: patienceSeconds, deadlineSeconds: deadline)
        try merger.start(cell: { job.ownCell() }, destination: job.destination) { [ending] result in ending.end(result) }
        let result = await withTaskCancellationHandler {
            await ending.wait()
        } onCancel: {
            stop()
        }
        if case .success = result, let receipts { credit(receipts) }
        settle()
        do throws(TalkootError) {
            let output = try result.get()
            var summary = try summary(output, seconds: clock.now().seconds(since: .zero))
            try note(.done, output: output)
            job.decisions.note(.done, "the output is complete")
            summary.verification = try job.journal.record().verification
            (summary.sentPackageBytes, summary.sentInputBytes) = service.sent
            return summary
        } catch {
            noteFailure(error)
            for lost in dispatcher.givenUp.first { job.keepCapsule(of: lost) }
            throw error
        }
    }

    /// The capsule of the first unit that failed for good, once ``run()`` has thrown; nil when there is none.
    public var capsulePath: String? { dispatcher.givenUp.first.first.flatMap { job.capsulePath(of: $0.unit) } }

    /// Writes into the job's log of decisions what its owner decided.
    public func note(_ code: Decision.Code, _ message: String, remedy: String = "") {
        job.decisions.note(code, message, remedy: remedy)
    }

    /// Ends ``run()`` soon, with `interrupted`. The job can be resumed.
    public func stop() {
        ending.end(
            .failure(TalkootError(.interrupted, "job \(record.id) was interrupted", remedy: "talkoot resume \(record.id) goes on with it")))
    }

    /// Ends the job for good. ``run()`` throws `interrupted`.
    public func cancel() {
        ending.cancel(TalkootError(.interrupted, "job \(record.id) was cancelled"))
    }

    /// Signs for what the volunteers did, writes that down and tells those who are there. The result does not wait for a full disk.
    private func credit(_ receipts: ReceiptBook) {
        do throws(TalkootError) {
            for receipt in try receipts.settle(job.record, job.journal, at: WallClock.secondsSince1970()) { volunteerBook.send(receipt) }
        } catch {
            logger.warning("the volunteers got no receipts", metadata: ["job": "\(record.id)", "error": "\(error)"])
        }
    }

    /// Ends hosts, volunteers, merge and journal writer, in that order.
    private func settle() {
        dispatcher.end(nil)
        arbiter.end()
        volunteerBook.end(reason: ending.farewell, job: record.id)
        merger.stop()
        service.end()
        committer.close()
    }

    private func summary(_ output: JobOutput, seconds: Double) throws(TalkootError) -> JobSummary {
        let contributions = try job.journal.contributions()
        let processor = contributions.reduce(0) { $0 + Double($1.processorMicroseconds) } / 1e6
        return JobSummary(
            id: record.id, output: output, units: record.shape.units, items: record.shape.items, contributors: contributions.count,
            seconds: seconds, processorSeconds: processor, verification: nil)
    }

    private func note(_ state: JobState, output: JobOutput? = nil) throws(TalkootError) {
        let now = WallClock.secondsSince1970()
        let counts = dispatcher.snapshot.scheduling.verification
        try job.journal.update { record in
            record.verification?.add(counts)
            record.state = state
            record.finished = state.isFinal ? now : nil
            switch output {
            case .file(_, let byteCount): record.outputBytes = byteCount
            case .bytes(let bytes): record.outputBytes = UInt64(bytes.count)
            case nil: break
            }
        }
    }

    /// What failed for good is written down; what may work later leaves the job as it is.
    private func noteFailure(_ error: TalkootError) {
        do throws(TalkootError) {
            if ending.isCancelled {
                job.decisions.note(.cancelled, "the requester gave it up")
                try note(.cancelled)
            } else if error.code == .jobFailed {
                job.decisions.note(.failed, error.message, remedy: error.remedy)
                try note(.failed(reason: error.message))
            } else {
                job.decisions.note(.interrupted, error.message, remedy: error.remedy)
            }
        } catch {
            logger.warning("the job's state could not be written", metadata: ["job": "\(record.id)", "error": "\(error)"])
        }
    }
}
