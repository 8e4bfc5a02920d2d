public import TalkootCore

extension Scheduling {
    /// Whether results of strangers are verified.
    public var isVerifying: Bool { policy.verification.level != .none }

    /// The results of units that an owner's commit brought are durable: now, and not before, it is drawn which of them are
    /// checked. Call it once for each range that ``commit(_:host:units:at:digest:)`` accepted; `digest` is asked for those that
    /// were drawn, in ascending order. O(units / block) and O(checks).
    public mutating func written(
        _ range: Range<UInt64>, by owner: OwnerID, traits: HostTraits = HostTraits(), at time: Tick, digest: (UInt64) -> ResultDigest
    ) -> [Effect] {
        begin(time)
        guard isVerifying, !traits.isOwn else { return end([]) }
        verification.unwritten -= min(verification.unwritten, range.length)
        let block = blockUnits
        var standing = verification.standings.removeValue(forKey: owner) ?? Standing()
        for part in standing.provisional.parts(of: range) {
            draw(part, block: block, owner: owner, traits: traits, standing: &standing, digest: digest)
        }
        verification.standings[owner] = standing
        var effects: [Effect] = []
        compareWithKnown(range, owner, digest, &effects)
        return end(effects)
    }

    /// The requester's own machine came to this result for a unit that is still to be run by others: so their work is tested
    /// without their knowing, at no cost but this unit's. The first ``KnownAnswers/limit`` are kept. O(known answers).
    public mutating func know(_ unit: UInt64, _ digest: ResultDigest) {
        guard isVerifying, unit < units else { return }
        verification.known.insert(unit, digest)
    }

    /// Whoever was wrong in a unit whose result is known is convicted; who was right passes a check.
    private mutating func compareWithKnown(
        _ range: Range<UInt64>, _ owner: OwnerID, _ digest: (UInt64) -> ResultDigest, _ effects: inout [Effect]
    ) {
        guard verification.known.count > 0 else { return }
        for answer in verification.known.answers(in: range) where !verification.continued.contains(answer.unit) {
            guard verification.standings[owner]?.holds(answer.unit..<answer.unit + 1) == true else { continue }
            guard digest(answer.unit) == answer.digest else {
                return convict(owner, ground: nil, units: answer.unit..<answer.unit + 1, &effects)
            }
            verification.standings[owner]?.pass(cleanChecks: policy.verification.cleanChecks)
            verification.counts.knownAnswers += 1
        }
    }

    /// A host goes on with this unit from what another owner's run of it left behind. Never do so for a check.
    public mutating func goesOn(_ unit: UInt64) {
        if isVerifying { verification.continued.insert(unit..<unit + 1) }
    }

    /// A job goes on in a new process: these units have durable results of an owner, and none of their checks is known.
    public mutating func restore(
        _ range: Range<UInt64>, by owner: OwnerID, traits: HostTraits = HostTraits(), at time: Tick, digest: (UInt64) -> ResultDigest
    ) -> [Effect] {
        begin(time)
        let new = accept(range.clamped(to: 0..<units), owner: owner, traits: traits)
        var effects: [Effect] = []
        for part in new { effects += written(part, by: owner, traits: traits, at: time, digest: digest) }
        return effects
    }

    /// A job goes on in a new process, and this owner was banned before: it gets no work.
    public mutating func ban(_ owner: OwnerID) {
        verification.standings[owner, default: Standing()].state = .banned
        verification.convicted += 1
    }

    /// Whether an owner stands convicted so that it gets no work.
    public func isBanned(_ owner: OwnerID) -> Bool { verification.standings[owner]?.isBanned ?? false }

    /// Draws block by block; what is drawn waits to be checked.
    private mutating func draw(
        _ range: Range<UInt64>, block: UInt64, owner: OwnerID, traits: HostTraits, standing: inout Standing,
        digest: (UInt64) -> ResultDigest
    ) {
        let rules = policy.verification
        let all = rules.checksEverything || standing.isQuarantined
        var unit = range.lowerBound
        while unit < range.upperBound {
            let isFirst = standing.committed < rules.firstUnits
            // At least two checks of everybody, by two others as a rule.
            let length = isFirst ? min(block, (rules.firstUnits + 1) / 2, rules.firstUnits - standing.committed) : block
            let (part, isContinued) = partOfOneKind(unit..<min(range.upperBound, unit + length))
            if all || isFirst || isContinued || rules.isDrawn(unit, of: owner) {
                var sum = ResultDigest.empty
                for unit in part { sum.append(digest(unit), key: rules.seed) }
                standing.pending += 1
                verification.checks.add(Check(units: part, owner: owner, traits: traits, digest: sum))
                hasNewWork = true
            }
            standing.committed += part.length
            unit = part.upperBound
        }
    }

    /// The first units of a block, and whether they are one that was continued: that is a block of its own.
    private func partOfOneKind(_ block: Range<UInt64>) -> (part: Range<UInt64>, isContinued: Bool) {
        guard let first = verification.continued.parts(of: block).first?.lowerBound else { return (block, false) }
        return first > block.lowerBound ? (block.lowerBound..<first, false) : (first..<first + 1, true)
    }

    /// How many units a check covers.
    var blockUnits: UInt64 {
        let rules = policy.verification
        let wish = (rules.checksEverything ? rules.pairingSeconds : rules.auditSeconds) * rateOfStranger
        return min(max(1, UInt64(min(wish, 1e6))), policy.maximumLeaseUnits)
    }

    // MARK: Finality

    /// Results are final when a whole escrow window has passed over them and their owner has no check open. O(owners) once a window.
    mutating func closeWindow() {
        let window = Int(min(now.seconds(since: .zero) / max(1, policy.verification.escrowSeconds), 1e9))
        guard window > verification.window else { return }
        verification.window = window
        for owner in Array(verification.standings.keys) {
            guard var standing = verification.standings.removeValue(forKey: owner) else { continue }
            if standing.pending == 0 { standing.older = UnitSet() }
            for range in standing.provisional.ranges { standing.older.insert(range) }
            standing.provisional = UnitSet()
            verification.standings[owner] = standing
        }
    }
}

extension UnitSet {
    /// The parts of `range` that are in the set, ascending.
    func parts(of range: Range<UInt64>) -> [Range<UInt64>] {
        var parts: [Range<UInt64>] = []
        var unit = range.lowerBound
        for gap in missing(from: range) {
            if gap.lowerBound > unit { parts.append(unit..<gap.lowerBound) }
            unit = gap.upperBound
        }
        if unit < range.upperBound { parts.append(unit..<range.upperBound) }
        return parts
    }
}
