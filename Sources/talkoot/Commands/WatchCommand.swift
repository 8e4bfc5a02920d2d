import ArgumentParser
import TalkootCore
import TalkootStore

/// `talkoot watch`: shows a job's progress until it is over.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show the progress of a job that another process works on, until it is over.",
        discussion: """
            talkoot watch last
            talkoot watch 4f1c --at cluster.example.org:7119

            Ends with the job's status: 0 done, 1 failed, 75 when nobody works on it. Ctrl-C ends the watching, not the job.
            """)

    /// How often the job is looked at, in milliseconds.
    private static let tickMilliseconds = 500

    @Argument(help: "The job's id, a unique beginning of it, or `last`.") var job: String
    @OptionGroup var place: CoordinatorOptions

    func run() async throws {
        let home = try place.home.locate()
        let report: JobReport
        if let address = try await place.address(home) {
            report = try await CoordinatorPlace.use(address, home: home) { line throws(TalkootError) in
                try await Self.follow { () async throws(TalkootError) in
                    try await line.ask("job", JobOrder(job: job), as: JobReport.self)
                }
            }
        } else {
            let id = try JobListing.find(job, home: home).record.id.description
            report = try await Self.follow { () async throws(TalkootError) in
                try JobReport.detailed(JobListing.find(id, home: home))
            }
        }
        try Self.conclude(report)
    }

    /// Looks until the job is over or nobody works on it.
    private static func follow(_ look: () async throws(TalkootError) -> JobReport) async throws(TalkootError) -> JobReport {
        var report = try await look()
        let display = ProgressDisplay(name: report.module)
        defer { display.clear() }
        var (before, since, rate) = (report.unitsDone ?? 0, ContinuousClock.now, 0.0)
        var isTold = false
        while report.state == "running" || report.state == "queued" {
            if report.state == "queued", !isTold {
                isTold = true
                display.note("talkoot: job \(report.job) waits for its turn; `talkoot explain \(report.job)` says why")
            }
            let done = report.unitsDone ?? 0
            let seconds = (ContinuousClock.now - since) / .seconds(1)
            if seconds >= 1 {
                let current = Double(done - min(done, before)) / seconds
                rate = rate == 0 ? current : 0.7 * rate + 0.3 * current
                (before, since) = (done, .now)
            }
            display.show(
                ProgressFigures(
                    unitsDone: done, units: report.units, workers: report.contributions?.count ?? 0, workerWord: "contributor",
                    unitsPerSecond: rate, secondsLeft: rate > 0 ? Double(report.units - min(report.units, done)) / rate : nil))
            do { try await Task.sleep(for: .milliseconds(tickMilliseconds)) } catch { throw TalkootError(.interrupted, "interrupted") }
            report = try await look()
        }
        return report
    }

    /// How it ended.
    ///
    /// - Throws: ``TalkootError`` unless it is done.
    private static func conclude(_ report: JobReport) throws(TalkootError) {
        switch report.state {
        case "done": StandardStream.note("talkoot: job \(report.job) is done; `talkoot result \(report.job)` prints its output")
        case "failed":
            throw TalkootError(
                .jobFailed, "job \(report.job) failed: \(report.reason ?? "")",
                remedy: "`talkoot explain \(report.job)` tells more, `talkoot result \(report.job) --partial` gives what there is")
        case "cancelled": throw TalkootError(.jobFailed, "job \(report.job) was cancelled")
        default:
            throw TalkootError(.tryLater, "nobody works on job \(report.job)", remedy: "go on with `talkoot resume \(report.job)`")
        }
    }
}
