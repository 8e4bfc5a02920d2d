import TalkootCore
import TalkootStore

/// What holds a job up, or how it ended, from its log of decisions. Pure.
enum JobReasons {
    /// The reasons, the weightiest first.
    static func reasons(state: String, record: JobRecord, decisions: [Decision]) -> [Explanation.Reason] {
        switch state {
        case "running": return hindrances(Array(decisions.suffix(from: decisions.lastIndex { $0.code == .started } ?? 0)))
        case "queued":
            let last = decisions.last { [.queued, .preempted, .interrupted].contains($0.code) }
            return [last.map(Explanation.Reason.init) ?? Explanation.Reason("queued", "its turn comes")]
        case "interrupted":
            let why = decisions.last { [.interrupted, .trackerAway, .noVolunteers].contains($0.code) }.map(Explanation.Reason.init)
            let detached = record.terms?.isDetached == true
            let nobody = Explanation.Reason(
                "interrupted", "nobody works on it",
                remedy: detached
                    ? "start `talkoot coordinator`, or `talkoot resume \(record.id)`" : "`talkoot resume \(record.id)` goes on with it")
            return [nobody] + (why.map { [$0] } ?? [])
        case "failed", "cancelled":
            let wanted: Set<Decision.Code> = [.failed, .cancelled, .aborted, .deadlineMissed]
            let found = decisions.filter { wanted.contains($0.code) }.suffix(2).map(Explanation.Reason.init)
            let lost = decisions.filter { $0.code == .unitGivenUp }.prefix(3).map(Explanation.Reason.init)
            let kinds = found.filter { reason in reason.code != "failed" || found.count { $0.message == reason.message } == 1 }
            return kinds + lost
        default: return []
        }
    }

    /// Why a running job gets on slowly or not at all: what each volunteer's latest word was, and what the tracker's.
    private static func hindrances(_ decisions: [Decision]) -> [Explanation.Reason] {
        var latest: [String: Decision] = [:]
        for decision in decisions {
            guard let volunteer = decision.volunteer, decision.code.rawValue.hasPrefix("volunteer-") || decision.code == .grantRefused
            else { continue }
            latest[volunteer] = decision
        }
        let working = latest.values.filter { $0.code == .volunteerReady }
        var reasons: [Explanation.Reason] = []
        if let lost = decisions.last(where: { $0.code == .unitGivenUp }) { reasons.append(Explanation.Reason(lost)) }
        guard working.isEmpty else {
            reasons.insert(Explanation.Reason("running", "\(ProgressText.count(working.count, "volunteer")) work on it"), at: 0)
            return reasons + latest.values.filter { $0.code == .grantRefused }.prefix(3).map(Explanation.Reason.init)
        }
        if let away = decisions.last(where: { $0.code == .trackerAway || $0.code == .noVolunteers }) {
            reasons.append(Explanation.Reason(away))
        }
        return reasons + latest.values.sorted { $0.time > $1.time }.prefix(5).map(Explanation.Reason.init)
    }
}
