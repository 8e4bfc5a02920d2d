import TalkootCore
import TalkootScheduling
public import TalkootStore

extension Coordinator {
    /// The state of a job that begins or goes on: what strangers did before is not final, and is audited anew.
    ///
    /// - Throws: ``TalkootError`` `input-output` or `bad-data` when the journal cannot be read.
    static func state(of job: CoordinatedJob, priorUnitSeconds: Double?, book: VolunteerBook) throws(TalkootError) -> DispatcherState {
        let finished = try job.journal.finishedRanges()
        let isVerified = job.record.verification != nil
        var state = DispatcherState(
            units: job.record.shape.units, finished: isVerified ? [] : finished, policy: job.policy, priorUnitSeconds: priorUnitSeconds)
        guard isVerified else { return state }
        for conviction in job.record.verification?.convictions ?? [] where conviction.isBan {
            state.scheduling.ban(book.owner(named: conviction.volunteer))
        }
        for range in finished {
            var next = range.lowerBound
            while next < range.upperBound {
                let commits = try job.journal.results(from: next, limitUnits: range.upperBound - next)
                guard let last = commits.last?.units.upperBound else { break }
                for commit in commits { state.restore(commit, book) }
                next = last
            }
            state.durable.insert(range)
        }
        return state
    }

    /// Writes a conviction down, sends the volunteer away when it is banned, and goes on.
    func carryOut(_ conviction: Conviction) {
        let name = volunteerBook.name(of: conviction.owner)
        let record = conviction.record(of: name)
        dispatcher.note(record)
        job.decisions.note(
            .convicted, units: conviction.units, volunteer: name, "\(name) \(record.words)",
            remedy: conviction.isBan
                ? "nothing to do: its units are run again by others" : "nothing to do; its owner may test the machine's memory and cooling")
        if conviction.isBan { volunteerBook.expel(conviction.owner, reason: record.words) }
    }
}

extension DispatcherState {
    /// Takes up results that an earlier process wrote.
    fileprivate mutating func restore(_ commit: JournalCommit, _ book: VolunteerBook) {
        let isLocal = commit.volunteer == LocalSlot.volunteer
        let results = UnitResultBytes(units: commit.units, ends: commit.resultEnds, bytes: commit.bytes)
        let owner = isLocal ? VolunteerBook.localOwner : book.owner(named: commit.volunteer)
        take(
            scheduling.restore(
                commit.units, by: owner, traits: HostTraits(isOwn: isLocal), at: .zero, digest: results.digest))
    }
}

extension JobVerification.Conviction {
    /// What happened, for a person.
    public var words: String {
        let units = firstUnit == lastUnit ? "unit \(firstUnit)" : "units \(firstUnit) to \(lastUnit)"
        let what =
            switch ground {
            case "collusion": "gave the same wrong result for \(units) as another volunteer"
            case "wrongAgain": "gave a wrong result for \(units), not for the first time"
            default: "gave a wrong result for \(units)"
            }
        return "\(what); \(unitsVoided) of its units were done again, and it \(isBan ? "gets no more work" : "is checked on everything")"
    }
}
