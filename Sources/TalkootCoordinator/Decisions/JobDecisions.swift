import TalkootCore
import TalkootStore

/// The decision log of one job, as its coordinator writes it.
struct JobDecisions: Sendable {
    private let log: DecisionLog
    private let job: JobID

    init(directory: String, job: JobID) {
        log = DecisionLog(directory: directory)
        self.job = job
    }

    /// Writes a decision down; any thread, never waits for a disk.
    func note(_ code: Decision.Code, units: Range<UInt64>? = nil, volunteer: String? = nil, _ message: String, remedy: String = "") {
        log.note(
            Decision(code, at: WallClock.secondsSince1970(), job: job, units: units, volunteer: volunteer, message, remedy: remedy))
    }

    /// Writes down what became of a volunteer; passing states are left out.
    func note(_ volunteer: VolunteerStatus) {
        let name = volunteer.name
        switch volunteer.phase {
        case .connecting, .asked: break
        case .working(let slots):
            note(.volunteerReady, volunteer: name, "\(name) works with \(slots) slot\(slots == 1 ? "" : "s")")
        case .declined(let reason):
            note(.volunteerDeclined, volunteer: name, "\(name) declined: \(reason)", remedy: "ask its owner, or wait for others")
        case .expelled(let reason):
            note(.volunteerExcluded, volunteer: name, "\(name) gets no more work: \(reason)", remedy: "nothing to do: others do its units")
        case .lost(let reason):
            note(.volunteerLost, volunteer: name, "\(name) is away: \(reason)", remedy: "nothing to do: it is dialled again")
        }
    }
}
