import TalkootCoordinator
import TalkootCore
import TalkootPeer
import TalkootStore

extension JobWork {
    /// How often a log's progress and the cancel marker are looked at, in milliseconds.
    private static let tickMilliseconds = 100

    /// Works on the job to its end: hosts, progress, Ctrl-C, the result.
    ///
    /// - Throws: ``TalkootError`` of the coordinator; `interrupted` after a signal, with how to go on.
    func run(_ coordinator: Coordinator, name: String, json: Bool) async throws(TalkootError) {
        let display = ProgressDisplay(name: name)
        let id = coordinator.record.id
        CancelMarker.remove(directory: coordinator.directory)
        let interruption = await Interruption()
        StandardStream.note("talkoot: job \(id) \(placeText)\(outlook(coordinator))")
        let summary: JobSummary
        do {
            summary = try await interruption.run {
                try await work(on: coordinator, display: display)
            } stop: {
                coordinator.stop()
            }
        } catch {
            display.clear()
            if let path = coordinator.capsulePath { StandardStream.note("talkoot: replay it: talkoot replay \(path)") }
            throw Self.explained(error, id: id)
        }
        display.clear()
        try finish(summary, coordinator: coordinator, name: name, json: json)
    }

    /// What the job will take, when that was measured and is worth saying.
    private func outlook(_ coordinator: Coordinator) -> String {
        let slots = place == .local ? resources.slots : 1
        guard let estimate = coordinator.estimate, let time = estimate.seconds(slots: slots), time.p50 >= 1 else { return "" }
        let (p50, p95) = (EstimateReport.time(time.p50), EstimateReport.time(time.p95))
        return place == .local ? "; about \(p50) (p95 \(p95))" : "; \(p50) of processor time (p95 \(p95))"
    }

    /// The coordinator, its hosts and the display, side by side; ends when the coordinator does.
    func work(on coordinator: Coordinator, display: ProgressDisplay) async throws -> JobSummary {
        let watcher = Task { await watch(coordinator, display: display) }
        defer { watcher.cancel() }
        guard case .tracker(let endpoint) = place, let dialer else {
            try coordinator.addLocalSlots(resources.slots)
            return try await coordinator.run(patienceSeconds: resources.patienceSeconds + 5)
        }
        let recruiter = Recruiter(
            coordinator: coordinator, dialer: dialer, endpoint: endpoint, session: session, resources: resources, display: display)
        let recruiting = Task { await recruiter.run() }
        defer { recruiting.cancel() }
        let receipts = dialer.network.identity.map { ReceiptBook(path: dialer.home.issuedReceipts, identity: $0) }
        do {
            return try await coordinator.run(patienceSeconds: resources.patienceSeconds + 5, receipts: receipts)
        } catch {
            throw recruiter.refusal ?? error
        }
    }

    /// Draws the progress and looks for `talkoot cancel` until it is cancelled.
    private func watch(_ coordinator: Coordinator, display: ProgressDisplay) async {
        while !Task.isCancelled {
            if CancelMarker.isSet(directory: coordinator.directory) { return coordinator.cancel() }
            let progress = coordinator.progress
            let isLocal = place == .local
            display.show(
                ProgressFigures(
                    unitsDone: progress.unitsDone, units: progress.units, workers: isLocal ? progress.slots : progress.volunteers,
                    workerWord: isLocal ? "slot" : "volunteer", unitsPerSecond: progress.rate, secondsLeft: progress.eta))
            do { try await Task.sleep(for: .milliseconds(Self.tickMilliseconds)) } catch { return }
        }
    }

    /// Tells what was done and hands the result over.
    private func finish(_ summary: JobSummary, coordinator: Coordinator, name: String, json: Bool) throws(TalkootError) {
        guard case .file(let path, let byteCount) = summary.output else {
            throw TalkootError(.internalError, "the output of job \(summary.id) is in no file")
        }
        let workers =
            place == .local
            ? ProgressText.count(resources.slots, "slot") : ProgressText.count(summary.contributors, "volunteer")
        StandardStream.note(
            "talkoot: job \(summary.id) done in \(ProgressText.fixed(summary.seconds, decimals: 2)) s, "
                + "\(ProgressText.count(Int(clamping: summary.units), "unit")) on \(workers)")
        if let line = Self.upload(summary, inputBytes: coordinator.record.inputBytes) { StandardStream.note(line) }
        for line in Self.verdict(summary.verification) { StandardStream.note(line) }
        guard json else {
            return try JobDelivery.deliver(path: path, byteCount: byteCount, directory: coordinator.directory)
        }
        try JSONText.print(try RunReport(summary, module: name, path: path, byteCount: byteCount, place: JobReport.place(mode)))
    }

    /// What volunteers were sent of the input; the rest they had from each other.
    private static func upload(_ summary: JobSummary, inputBytes: UInt64) -> String? {
        guard summary.sentInputBytes > 0, inputBytes > 0 else { return nil }
        let copies = ProgressText.fixed(Double(summary.sentInputBytes) / Double(inputBytes), decimals: 2)
        return "talkoot: sent \(NumberText.size(summary.sentInputBytes)) of input to volunteers (\(copies) copies)"
    }

    /// What verification came to, in a line each.
    private static func verdict(_ verification: JobVerification?) -> [String] {
        guard let verification else { return [] }
        let own = verification.ownRuns > 0 ? ", \(verification.ownRuns) of the checks here" : ""
        let first = "talkoot: verified (\(verification.level)): \(verification.unitsChecked) units were run again\(own)"
        return [first] + verification.convictions.prefix(20).map { "talkoot: \(Table.printable($0.volunteer)) \($0.words)" }
    }

    private static func explained(_ error: any Error, id: JobID) -> TalkootError {
        guard let error = error as? TalkootError else { return TalkootError(.interrupted, "job \(id) was interrupted", remedy: goOn(id)) }
        switch error.code {
        case .interrupted where error.message.hasSuffix("cancelled"): return error
        case .interrupted: return TalkootError(.interrupted, "job \(id) was interrupted", remedy: goOn(id))
        case .tryLater, .inputOutput, .unreachable:
            return TalkootError(error.code, error.message, remedy: [error.remedy, goOn(id)].filter { !$0.isEmpty }.joined(separator: "; "))
        default: return error
        }
    }

    private static func goOn(_ id: JobID) -> String { "go on with `talkoot resume \(id)`" }
}

/// The result of `talkoot run --json`.
struct RunReport: Encodable {
    /// The largest result that is part of the report as text, in bytes.
    static let textLimitBytes = 64 << 10

    var job: String
    var module: String
    var on: String
    var units: UInt64
    var items: UInt64
    var contributors: Int
    var seconds: Double
    var processorSeconds: Double
    var output: String
    var outputBytes: UInt64
    var text: String?
    var verification: VerificationReport?
    /// Bytes of the package and of the input that were sent to volunteers.
    var sentPackageBytes: UInt64
    var sentInputBytes: UInt64

    /// Describes a finished job.
    ///
    /// - Throws: ``TalkootError`` when the output cannot be read.
    init(_ summary: JobSummary, module: String, path: String, byteCount: UInt64, place: String) throws(TalkootError) {
        job = summary.id.description
        self.module = module
        on = place
        verification = summary.verification.map { VerificationReport($0, isOver: true) }
        (units, items, contributors) = (summary.units, summary.items, summary.contributors)
        (seconds, processorSeconds) = (summary.seconds, summary.processorSeconds)
        (output, outputBytes) = (path, byteCount)
        (sentPackageBytes, sentInputBytes) = (summary.sentPackageBytes, summary.sentInputBytes)
        guard byteCount <= UInt64(Self.textLimitBytes) else { return }
        text = String(validating: try FileBytes.read(path, limit: Self.textLimitBytes), as: UTF8.self)
    }
}
