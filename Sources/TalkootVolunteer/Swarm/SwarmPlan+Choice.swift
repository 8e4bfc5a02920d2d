import TalkootCore

extension SwarmPlan {
    /// Asks for as many chunks as the bounds allow.
    mutating func choose(at now: Tick) -> [Effect] {
        guard !isSated else { return [] }
        var effects: [Effect] = []
        for number in links.keys.shuffled(using: &random) {
            while let chunk = next(for: number) { effects.append(ask(.link(number), chunk, mayRefer: false, at: now)) }
        }
        while openAtSeed < SwarmLimits.openChunks, let chunk = nextForSeed(at: now) {
            // What was referred before is to be sent now.
            effects.append(ask(.seed, chunk, mayRefer: referred[chunk] == nil, at: now))
        }
        return effects
    }

    private mutating func ask(_ source: Source, _ chunk: Int, mayRefer: Bool, at now: Tick) -> Effect {
        asks[chunk, default: []].append(Ask(source: source, at: now))
        switch source {
        case .seed: openAtSeed += 1
        case .link(let number): links[number]?.open += 1
        }
        return .ask(source, chunk: chunk, mayRefer: mayRefer)
    }

    /// The next chunk for a link: what is needed now, then anything at random, then, at the very end, what is on its way elsewhere.
    private mutating func next(for number: Int) -> Int? {
        guard let link = links[number], link.open < SwarmLimits.openChunks else { return nil }
        guard link.open > 0 || links.values.count(where: { $0.open > 0 }) < SwarmLimits.busyLinks else { return nil }
        if let chunk = urgent.first(where: { asks[$0] == nil && link.has.contains($0) }) { return chunk }
        var free = wanted
        free.formIntersection(link.has)
        for chunk in asks.keys { free.remove(chunk) }
        if let chunk = free.first(from: Int(random.next() % UInt64(held.bound))) { return chunk }
        guard wanted.count <= SwarmLimits.lastChunks else { return nil }
        return wanted.members.first { chunk in
            link.has.contains(chunk) && asks[chunk]?.count == 1 && asks[chunk]?.first?.source != .link(number)
        }
    }

    /// The next chunk for the seed: one that no link has and that nobody was named for just now.
    private mutating func nextForSeed(at now: Tick) -> Int? {
        for chunk in urgent where asks[chunk] == nil && (referred[chunk] ?? .zero) <= now {
            if !links.values.contains(where: { $0.has.contains(chunk) }) { return chunk }
        }
        guard now >= seedRests else { return nil }
        var free = wanted
        for link in links.values { free.subtract(link.has) }
        for chunk in asks.keys { free.remove(chunk) }
        for (chunk, until) in referred where until > now { free.remove(chunk) }
        return free.first(from: Int(random.next() % UInt64(held.bound)))
    }
}

extension ChunkSet {
    /// Whether a member fulfils the condition.
    func contains(where condition: (Int) -> Bool) -> Bool {
        guard var chunk = first(from: 0) else { return false }
        while true {
            if condition(chunk) { return true }
            guard chunk + 1 < bound, let next = first(from: chunk + 1), next > chunk else { return false }
            chunk = next
        }
    }
}
