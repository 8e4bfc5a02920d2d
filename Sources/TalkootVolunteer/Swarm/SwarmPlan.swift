import TalkootCore

/// How one blob comes here from several holders: which chunk from whom, and whom to leave. Pure; the random order's seed is an argument.
///
/// A link is a connection to another volunteer; the seed is the requester, who has everything and is asked last: for chunks that no link
/// has, and again for those it referred elsewhere without success.
struct SwarmPlan: Sendable {
    /// Who is asked.
    enum Source: Hashable, Sendable {
        case seed
        case link(Int)
    }

    /// What the shell is to do.
    enum Effect: Hashable, Sendable {
        /// Ask for a chunk. With `mayRefer` the seed may name others instead.
        case ask(Source, chunk: Int, mayRefer: Bool)
        /// Have no more to do with a link.
        case leave(Int, Reason)
    }

    /// Why a link is left.
    enum Reason: Hashable, Sendable {
        /// It sent bytes that are not the chunk's.
        case lied(chunk: Int)
        /// It is slower than a quarter of the median.
        case slow
        /// It did not answer.
        case silent
    }

    /// One chunk on its way.
    struct Ask: Hashable, Sendable {
        var source: Source
        var at: Tick
    }

    /// Another volunteer.
    struct Link: Sendable {
        var has: ChunkSet
        var open = 0
        var arrivals = 0
        var lastArrival: Tick
        /// Seconds for a chunk, smoothed.
        var secondsPerChunk = 0.0
    }

    private(set) var held: ChunkSet
    /// Chunks wanted now, in the order in which they are needed, and all that are wanted sometime.
    private(set) var urgent: [Int] = []
    private(set) var wanted: ChunkSet
    var asks: [Int: [Ask]] = [:]
    var links: [Int: Link] = [:]
    /// Until when a chunk is waited for from those whom the seed named.
    var referred: [Int: Tick] = [:]
    var openAtSeed = 0
    /// Before this the seed is asked for nothing that is not urgent.
    var seedRests = Tick.zero
    var random: Random

    /// A blob of which `held` is here already. `seed` determines the order.
    init(held: ChunkSet, seed: UInt64) {
        self.held = held
        wanted = ChunkSet(bound: held.bound)
        random = Random(state: seed)
    }

    /// Whether everything that is wanted is here.
    var isSated: Bool { wanted.count == 0 }

    /// Whether a link has something that is wanted.
    func isUseful(_ number: Int) -> Bool {
        guard let link = links[number] else { return false }
        return wanted.contains { link.has.contains($0) }
    }

    // MARK: What is wanted

    /// These chunks are needed now.
    mutating func want(_ chunks: some Sequence<Int>, at now: Tick) -> [Effect] {
        for chunk in chunks where !held.contains(chunk) {
            wanted.insert(chunk)
            if !urgent.contains(chunk) { urgent.append(chunk) }
        }
        return choose(at: now)
    }

    /// Everything is wanted, sometime.
    mutating func wantAll(at now: Tick) -> [Effect] {
        wanted = .full(bound: held.bound)
        wanted.subtract(held)
        return choose(at: now)
    }

    // MARK: Links

    /// A link is there.
    mutating func linked(_ number: Int, at now: Tick) {
        links[number] = links[number] ?? Link(has: ChunkSet(bound: held.bound), lastArrival: now)
    }

    /// A link says what it has.
    mutating func told(_ number: Int, has: ChunkSet, at now: Tick) -> [Effect] {
        guard links[number] != nil, has.bound == held.bound else { return [] }
        links[number]?.has = has
        return choose(at: now)
    }

    /// A link is gone.
    mutating func unlinked(_ number: Int, at now: Tick) -> [Effect] {
        guard links.removeValue(forKey: number) != nil else { return [] }
        for chunk in asks.keys { remove(chunk, from: .link(number)) }
        return choose(at: now)
    }

    // MARK: Answers

    /// Bytes came, and are the chunk's or not.
    mutating func arrived(_ chunk: Int, from source: Source, isRight: Bool, at now: Tick) -> [Effect] {
        let ask = asks[chunk]?.first { $0.source == source }
        remove(chunk, from: source)
        guard isRight else {
            guard case .link(let number) = source else { return choose(at: now) }
            return leave(number, .lied(chunk: chunk), at: now)
        }
        if let ask { measure(ask, at: now) }
        gained(chunk)
        return choose(at: now)
    }

    /// The chunk is not to be had there.
    mutating func refused(_ chunk: Int, by source: Source, at now: Tick) -> [Effect] {
        remove(chunk, from: source)
        if case .link(let number) = source { links[number]?.has.remove(chunk) }
        if source == .seed { seedRests = now.advanced(bySeconds: SwarmLimits.restSeconds) }
        return choose(at: now)
    }

    /// The seed named others for a chunk.
    mutating func refer(_ chunk: Int, at now: Tick) -> [Effect] {
        remove(chunk, from: .seed)
        referred[chunk] = now.advanced(bySeconds: SwarmLimits.referralSeconds)
        seedRests = now.advanced(bySeconds: SwarmLimits.restSeconds)
        return choose(at: now)
    }

    // MARK: Time

    /// Some time passed: links that are silent or slow are left, what waits is tried elsewhere.
    mutating func beat(at now: Tick) -> [Effect] {
        var effects: [Effect] = []
        let late = asks.values.joined().filter { now.seconds(since: $0.at) > SwarmLimits.answerSeconds }
        for case .link(let number) in Set(late.map(\.source)) { effects += leave(number, .silent, at: now) }
        for number in slow() { effects += leave(number, .slow, at: now) }
        return effects + choose(at: now)
    }

    /// Time during which this machine slept does not count against anybody.
    mutating func forgive(at now: Tick) {
        for chunk in asks.keys {
            for position in asks[chunk, default: []].indices { asks[chunk]?[position].at = now }
        }
        for number in links.keys { links[number]?.lastArrival = now }
    }

    // MARK: Parts

    private mutating func leave(_ number: Int, _ reason: Reason, at now: Tick) -> [Effect] {
        guard links[number] != nil else { return [] }
        return [.leave(number, reason)] + unlinked(number, at: now)
    }

    private mutating func gained(_ chunk: Int) {
        held.insert(chunk)
        wanted.remove(chunk)
        referred[chunk] = nil
        if let position = urgent.firstIndex(of: chunk) { urgent.remove(at: position) }
        // Duplicates that are still on their way are not waited for.
        for ask in asks.removeValue(forKey: chunk) ?? [] { close(ask.source) }
    }

    private mutating func remove(_ chunk: Int, from source: Source) {
        guard let position = asks[chunk]?.firstIndex(where: { $0.source == source }) else { return }
        asks[chunk]?.remove(at: position)
        if asks[chunk]?.isEmpty ?? false { asks[chunk] = nil }
        close(source)
    }

    private mutating func close(_ source: Source) {
        switch source {
        case .seed: openAtSeed -= 1
        case .link(let number): links[number]?.open -= 1
        }
    }

    private mutating func measure(_ ask: Ask, at now: Tick) {
        guard case .link(let number) = ask.source, var link = links[number] else { return }
        // What it was busy with before does not count twice.
        let seconds = max(1e-6, now.seconds(since: max(ask.at, link.lastArrival)))
        link.secondsPerChunk = link.arrivals == 0 ? seconds : 0.75 * link.secondsPerChunk + 0.25 * seconds
        link.arrivals += 1
        link.lastArrival = now
        links[number] = link
    }

    /// The links that take more than four times as long as the median; there must be three that are known.
    private func slow() -> [Int] {
        let known = links.filter { $0.value.arrivals >= SwarmLimits.arrivalsToJudge }
        guard known.count >= 3 else { return [] }
        let times = known.values.map(\.secondsPerChunk).sorted()
        let limit = max(times[times.count / 2] * SwarmLimits.slowFactor, SwarmLimits.slowLeastSeconds)
        return known.filter { $0.value.secondsPerChunk > limit }.keys.sorted()
    }
}

/// The bounds of a volunteer's part in swarms.
enum SwarmLimits {
    /// Holders of a blob that are asked at the same time.
    static let busyLinks = 4
    /// Chunks outstanding at one holder, and at the requester.
    static let openChunks = 3
    /// When no more chunks than this are missing, they are asked for twice.
    static let lastChunks = 4
    /// A holder that takes this many times as long as the median is left.
    static let slowFactor = 4.0
    /// Times below this are no reason to leave anybody, in seconds for a chunk.
    static let slowLeastSeconds = 0.2
    /// Chunks from a holder before it is judged.
    static let arrivalsToJudge = 4
    /// How long a holder may take for a chunk, in seconds.
    static let answerSeconds = 10.0
    /// How long a chunk is waited for from those whom the requester named, in seconds, before it is asked to send the chunk itself.
    static let referralSeconds = 5.0
    /// How long the requester is left alone after it named others, in seconds; not for what is needed at once.
    static let restSeconds = 0.5
    /// The pause between two looks at a swarm, in seconds.
    static let beatSeconds = 0.2
    /// How often the requester is asked who else takes part, in seconds, while something is missing.
    static let askSeconds = 5.0
    /// Connections that are dialled for one job.
    static let dialled = 8
    /// Connections that are accepted for one job.
    static let accepted = 16
    /// How long a holder that was left or could not be dialled is not dialled again, in seconds.
    static let avoidSeconds = 60.0
    /// Contacts that are remembered for a job.
    static let contacts = 64
    /// Fetches of one peer that wait here.
    static let queued = 16
    /// How long the list of digests may take, in seconds; then the job does without the swarm.
    static let listSeconds = 30.0
}

/// Random numbers that a seed determines (SplitMix64).
struct Random: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
