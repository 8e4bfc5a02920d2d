import TalkootCore
import TalkootStore

/// The answer to "why": how a thing stands, what holds it up, and every decision about it, oldest first.
struct Explanation: Codable, Sendable {
    /// A reason with what to do about it.
    struct Reason: Codable, Sendable, Hashable {
        var code: String
        var message: String
        var remedy: String

        init(_ decision: Decision) { (code, message, remedy) = (decision.code.rawValue, decision.message, decision.remedy) }

        init(_ code: String, _ message: String, remedy: String = "") { (self.code, self.message, self.remedy) = (code, message, remedy) }
    }

    /// What is explained: `job 4f1c…`, `unit 17 of job 4f1c…`, `volunteer ann`, `this volunteer`.
    var subject: String
    /// How it stands, in a line.
    var standing: String
    /// What holds it up, or how it ended.
    var reasons: [Reason]
    /// The decisions.
    var story: [Decision]

    /// The most decisions in it: the first few and the newest.
    static let storyLimit = 200

    /// Explains a job, one of its units, or a volunteer's part in it.
    ///
    /// - Throws: ``TalkootError`` `usage` for a unit that the job has not, and when journal or log cannot be read.
    init(of listing: JobListing, unit: UInt64?, volunteer: String?) throws(TalkootError) {
        let record = listing.record
        let decisions = try DecisionLog.read(directory: listing.directory)
        let journal = try JobJournal.open(directory: listing.directory, access: .readOnly)
        if let unit {
            guard unit < record.shape.units else {
                throw TalkootError(
                    .usage, "job \(record.id) has no unit \(unit)",
                    remedy: "its units are 0 to \(record.shape.units - min(1, record.shape.units))")
            }
            subject = "unit \(unit) of job \(record.id)"
            let commit = try journal.results(from: unit, limitUnits: 1).first.flatMap { $0.units.contains(unit) ? $0 : nil }
            standing = Self.standing(of: commit, record)
            story = decisions.filter { $0.units?.contains(unit) == true }
            reasons = story.isEmpty ? [] : Array(story.suffix(1)).map(Reason.init)
        } else if let volunteer {
            subject = "volunteer \(volunteer) in job \(record.id)"
            story = decisions.filter { $0.volunteer == volunteer }
            let part = try journal.contributions().first { $0.volunteer == volunteer }
            let units = ProgressText.count(Int(clamping: part?.units ?? 0), "unit")
            standing = "\(units) of \(record.shape.units) are its results"
            reasons = story.last.map { [Reason($0)] } ?? []
        } else {
            let progress = try journal.progress()
            subject = "job \(record.id) (\(record.module.name) \(record.module.version))"
            standing = "\(listing.state), \(progress.unitsDone) of \(ProgressText.count(Int(clamping: record.shape.units), "unit")) done"
            if progress.unitsFailed > 0 { standing += ", \(progress.unitsFailed) failed" }
            story = decisions
            reasons = JobReasons.reasons(state: listing.state, record: record, decisions: decisions)
        }
        shorten()
    }

    /// Explains what this installation decided and was told as a volunteer.
    ///
    /// - Throws: ``TalkootError`` when its log cannot be read.
    init(ofVolunteerIn home: Home) throws(TalkootError) {
        subject = "this volunteer"
        story = try DecisionLog.read(directory: home.directory)
        let taken = story.count { $0.code == .jobTaken }
        let convictions = story.count { $0.code == .convicted }
        let isRunning = (try? VolunteerDoor.tell(.status, home: home)) != nil
        standing =
            (isRunning ? "running" : "not running") + "; \(ProgressText.count(taken, "job")) taken, "
            + ProgressText.count(convictions, "conviction")
        reasons = isRunning ? [] : [Reason("not-running", "no volunteer runs with this home", remedy: "start one with `talkoot volunteer`")]
        if let paused = story.last(where: { $0.code == .paused || $0.code == .resumed }), paused.code == .paused, isRunning {
            reasons.append(Reason(paused))
        }
        reasons += story.suffix(50).filter { $0.code == .convicted || $0.code == .jobRefused }.suffix(3).map(Reason.init)
        shorten()
    }

    /// Explains a volunteer's part in all jobs of this home.
    ///
    /// - Throws: ``TalkootError`` `notFound` when no job knows it.
    init(ofVolunteer name: String, in home: Home) throws(TalkootError) {
        subject = "volunteer \(name)"
        var story: [Decision] = []
        var jobs = 0
        for listing in try JobListing.all(home: home) {
            let own = try DecisionLog.read(directory: listing.directory).filter { $0.volunteer == name }
            jobs += own.isEmpty ? 0 : 1
            story += own
        }
        guard jobs > 0 else {
            throw TalkootError(
                .notFound, "there is no job \(name), and no job of this home knows a volunteer \(name)",
                remedy: "list the jobs with `talkoot jobs`, the volunteers with `talkoot peers`")
        }
        self.story = story.sorted { $0.time < $1.time }
        standing = "part of \(ProgressText.count(jobs, "job"))"
        reasons = self.story.filter { [.convicted, .volunteerExcluded, .volunteerDeclined].contains($0.code) }.suffix(3).map(Reason.init)
        shorten()
    }

    private mutating func shorten() {
        guard story.count > Self.storyLimit else { return }
        story = Array(story.prefix(10) + story.suffix(Self.storyLimit - 10))
    }

    private static func standing(of commit: JournalCommit?, _ record: JobRecord) -> String {
        guard let commit else { return "no result yet" }
        if let failure = commit.failure { return "no result: it \(failure.summary)" }
        return "its result is from \(commit.volunteer)" + (record.verification == nil || record.state == .done ? "" : ", not final yet")
    }

    /// For a person.
    var lines: [String] {
        var lines = ["\(subject): \(standing)"]
        for reason in reasons {
            lines.append("  why: \(reason.message)")
            if !reason.remedy.isEmpty { lines.append("  do:  \(reason.remedy)") }
        }
        let codes = story.map(\.code.rawValue.count).max() ?? 0
        for decision in story {
            let code = decision.code.rawValue + String(repeating: " ", count: codes - decision.code.rawValue.count)
            lines.append("\(CalendarText.localSeconds(decision.time))  \(code)  \(decision.message)")
        }
        return lines.map(Table.printable)
    }
}
