import Logging
import TalkootCoordinator
import TalkootCore
import TalkootSandbox
import TalkootStore

/// Works on the detached jobs of a home: takes them up at its start, runs as many at once as there are seats, and goes on after
/// interruptions.
///
/// What decides is ``JobQueue``; this performs it. The journals are the only state that outlives the process.
actor JobKeeper {
    /// What all jobs of the coordinator share.
    struct Context: Sendable {
        let home: Home
        let settings: Settings
        let launcher: CellLauncher
        let dialer: TrackerDialer
        let resources: JobResources
        /// Where jobs run unless their submission says so: `--on`.
        let place: String?
        let logger: Logger
    }

    /// After how many seconds a job that was interrupted by something that may pass is tried again.
    static let retrySeconds = 20.0

    private struct Running {
        var task: Task<Void, Never>
        var coordinator: Coordinator?
        var seat: Int
        var isStopping = false

        /// Whether it runs in cells of this machine.
        var isLocal: Bool { if case .local? = coordinator?.record.mode { true } else { false } }
    }

    let context: Context
    private let clock = ContinuousClock.now
    private var queue: JobQueue
    private var running: [JobID: Running] = [:]
    private var retries: [JobID: Task<Void, Never>] = [:]
    private var timer: Task<Void, Never>?
    private var isOver = false

    init(context: Context, seats: Int) {
        self.context = context
        queue = JobQueue(seats: seats, at: .zero)
    }

    /// Takes up all detached jobs that are not over.
    ///
    /// - Throws: ``TalkootError`` when the directory of jobs cannot be read.
    func adoptAll() throws(TalkootError) {
        for listing in try JobListing.all(home: context.home) where listing.record.terms?.isDetached == true {
            if listing.record.state == .running, !listing.isHeld { adopt(listing.record) }
        }
    }

    /// Takes a job up: it runs or waits from now on.
    func adopt(_ record: JobRecord) {
        guard !isOver else { return }
        retries.removeValue(forKey: record.id)?.cancel()
        let terms = record.terms ?? JobRecord.Terms()
        let entry = JobQueue.Entry(
            id: record.id, requester: terms.submitter, priority: terms.priority, deadline: terms.deadline, created: record.created)
        perform(queue.add(entry, at: now))
        if queue.waiting.contains(record.id) {
            let ahead = queue.running.count + (queue.waiting.firstIndex(of: record.id) ?? 0)
            note(
                record.id, .queued, "it waits: \(ProgressText.count(ahead, "job")) go first and \(queue.running.count) run at once",
                remedy: "give it a higher --priority, or cancel another job")
        }
    }

    /// Gives a job up that runs or waits; does nothing for another.
    func cancel(_ id: JobID) async throws(TalkootError) {
        retries.removeValue(forKey: id)?.cancel()
        if let job = running[id] {
            try CancelMarker.set(directory: context.home.directory(of: id))
            job.coordinator?.cancel()
            await job.task.value
        }
        perform(queue.remove(id, at: now))
    }

    /// How many jobs run and wait.
    var counts: (running: Int, waiting: Int) { (queue.running.count, queue.waiting.count) }

    /// Stops all jobs, which go on when a coordinator starts again.
    func stop() async {
        isOver = true
        timer?.cancel()
        for task in retries.values { task.cancel() }
        let jobs = Array(running.values)
        for job in jobs { job.coordinator?.stop() }
        for job in jobs { await job.task.value }
    }

    // MARK: The queue's decisions

    private var now: Tick {
        let passed = (ContinuousClock.now - clock).components
        return Tick(nanoseconds: passed.seconds * 1_000_000_000 + passed.attoseconds / 1_000_000_000)
    }

    private func perform(_ effects: [JobQueue.Effect]) {
        for effect in effects where !isOver {
            switch effect {
            case .start(let id, let seat):
                running[id] = Running(task: Task { await self.work(id, seat: seat) }, coordinator: nil, seat: seat)
            case .stop(let id, let other):
                running[id]?.isStopping = true
                note(id, .preempted, "it makes room for job \(other)", remedy: "nothing to do: it goes on when its turn comes")
                running[id]?.coordinator?.stop()
            }
        }
        shareSlots()
        arm()
    }

    /// Wakes the queue when time alone has something to decide.
    private func arm() {
        timer?.cancel()
        let turn = queue.nextDeadline.map { $0.seconds(since: now) }
        let deadline = queue.nearestDeadline.map { Double($0 - WallTime.seconds()) }
        guard !isOver, let next = [turn, deadline].compactMap(\.self).min() else { return }
        let seconds = max(0.05, next)
        timer = Task {
            do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
            self.turn()
        }
    }

    private func turn() {
        for id in queue.overdue(at: WallTime.seconds()) {
            note(id, .deadlineMissed, "the deadline passed while it waited for others", remedy: "give it a higher --priority and resume it")
            giveUp(id, TalkootError(.jobFailed, "the deadline passed while it waited for others", remedy: "resume it"))
            perform(queue.remove(id, at: now))
        }
        perform(queue.advance(to: now))
    }

    /// Divides this machine's slots among the local jobs that run, at least one each.
    private func shareSlots() {
        let local = running.values.filter { $0.isLocal && !$0.isStopping }.sorted { $0.seat < $1.seat }
        for (index, job) in local.enumerated() {
            let share = context.resources.slots / local.count + (index < context.resources.slots % local.count ? 1 : 0)
            try? job.coordinator?.setLocalSlots(max(1, share))
        }
    }

    // MARK: A job

    /// Works on a job until it is over, interrupted or preempted.
    private func work(_ id: JobID, seat: Int) async {
        let directory = context.home.directory(of: id)
        do {
            let work = KeptJob(context: context, id: id, seat: JobSeat(seat))
            try await work.run { await self.began(id, $0) }
            ended(id, nil)
        } catch {
            let state = (try? JobJournal.open(directory: directory, access: .readOnly).record())?.state
            ended(id, state?.isFinal == true ? nil : error as? TalkootError ?? TalkootError(.internalError, "\(error)"))
        }
        CancelMarker.remove(directory: directory)
    }

    private func began(_ id: JobID, _ coordinator: Coordinator) {
        running[id]?.coordinator = coordinator
        context.logger.info("working on a job", metadata: ["job": "\(id)", "module": "\(coordinator.record.module.name)"])
        if isOver || running[id]?.isStopping == true { coordinator.stop() }
        shareSlots()
    }

    private func ended(_ id: JobID, _ error: TalkootError?) {
        let job = running.removeValue(forKey: id)
        context.logger.info("a job stops", metadata: ["job": "\(id)", "why": "\(error?.message ?? "it is over")"])
        guard let error, !isOver else { return perform(queue.remove(id, at: now)) }
        if job?.isStopping == true { return perform(queue.stopped(id, at: now)) }
        perform(queue.remove(id, at: now))
        switch error.code {
        case .badData, .notFound, .usage, .cannotCreate: giveUp(id, error)
        default:
            note(id, .interrupted, error.message, remedy: "it is tried again in \(Int(Self.retrySeconds)) s; \(error.remedy)")
            retries[id] = Task {
                do { try await Task.sleep(for: .seconds(Self.retrySeconds)) } catch { return }
                self.retry(id)
            }
        }
    }

    private func retry(_ id: JobID) {
        retries[id] = nil
        let directory = context.home.directory(of: id)
        guard let record = try? JobJournal.open(directory: directory, access: .readOnly).record(), !record.state.isFinal else { return }
        adopt(record)
    }

    /// What cannot go on whatever happens: its input was changed, its module is gone.
    private func giveUp(_ id: JobID, _ error: TalkootError) {
        note(id, .failed, error.message, remedy: error.remedy)
        guard let journal = try? JobJournal.open(directory: context.home.directory(of: id), access: .exclusive) else { return }
        try? journal.setState(.failed(reason: error.message), now: WallTime.seconds())
    }

    private func note(_ id: JobID, _ code: Decision.Code, _ message: String, remedy: String = "") {
        DecisionLog(directory: context.home.directory(of: id)).note(
            Decision(code, at: WallTime.seconds(), job: id, message, remedy: remedy))
    }
}
