import TalkootCore
import TalkootScheduling
import TalkootTesting

/// A random cast of honest volunteers and liars that come and go; the requester's machine is there.
struct VerificationStory {
    let seed: UInt64

    /// What went wrong, or nil.
    func tell() -> String? {
        var random = SeededRandom(seed: seed)
        var policy = SchedulingPolicy()
        policy.verification = VerificationPolicy(random.chance(0.7) ? .strict : .triple, seed: AuditSeed(seed, 1))
        policy.verification.ownMachineChecks = 1 + Int(random.below(2))
        policy.verification.arbiterPasses = UInt32(random.below(4)) + 1
        policy.verification.cleanChecks = UInt32(random.below(10)) + 1
        var play = Play(units: random.below(120) + 1, policy: policy)
        var roles: [UInt64: Play.Role] = [:]
        for owner in 1...UInt64(3 + random.below(5)) {
            // Colluders are fewer than what a check needs to agree, else nobody but the requester's machine could tell.
            let colludes = random.chance(0.3) && !roles.values.contains { $0 == .colluder }
            roles[owner] = random.chance(0.5) ? .honest : colludes ? .colluder : random.chance(0.5) ? .liar : .wrongOnce
        }
        roles[99] = .honest
        for owner in roles.keys.sorted() { play.join(owner) }
        for _ in 0..<300 where !play.isFinished && play.problem == nil {
            guard let owner = roles.keys.sorted().randomElement(using: &random), let role = roles[owner] else { break }
            switch random.below(12) {
            case 0 where owner != 99: play.leave(owner)
            case 1: play.join(owner)
            case 2: play.runHere()
            case 3: play.write()
            default: play.work(owner, role, writes: random.chance(0.5))
            }
        }
        for owner in roles.keys.sorted() { play.join(owner) }
        play.workOn(roles)
        if let problem = play.problem { return problem }
        if !play.isFinished { return "never ends" }
        if play.wrongUnits > 0 { return "\(play.wrongUnits) wrong results stand" }
        let framed = play.convictions.first { roles[$0.owner.rawValue] == .honest }
        return framed.map { "owner \($0.owner.rawValue) is honest and was convicted" }
    }
}
