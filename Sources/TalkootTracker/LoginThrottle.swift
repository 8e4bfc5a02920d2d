import TalkootCore

/// Counts failed attempts by account and by network, and refuses those that come too often. Pure.
///
/// An attempt counts as failed from its beginning until it succeeds, so that many at once gain nothing.
struct LoginThrottle: Sendable {
    private var accounts: [String: [Tick]] = [:]
    private var networks: [String: [Tick]] = [:]

    /// Begins an attempt; how many seconds to wait when there were too many, and then it does not count.
    mutating func begin(account: String?, network: String?, at now: Tick) -> Double? {
        makeRoom(at: now)
        let waits = [
            account.flatMap { Self.wait(accounts[$0], limit: TrackerLimits.failuresPerAccount, at: now) },
            network.flatMap { Self.wait(networks[$0], limit: TrackerLimits.failuresPerNetwork, at: now) },
        ]
        if let wait = waits.compactMap(\.self).max() { return wait }
        if let account { Self.count(now, &accounts[account, default: []], limit: TrackerLimits.failuresPerAccount) }
        if let network { Self.count(now, &networks[network, default: []], limit: TrackerLimits.failuresPerNetwork) }
        return nil
    }

    /// The attempt begun at `moment` was right, or never heard: it does not count.
    mutating func forgive(account: String?, network: String?, begun moment: Tick) {
        if let account { Self.remove(moment, account, &accounts) }
        if let network { Self.remove(moment, network, &networks) }
    }

    /// How many keys are remembered.
    var count: Int { accounts.count + networks.count }

    /// The network of an address: its /24, or its /56 for IPv6.
    static func network(of address: String) -> String {
        guard address.contains(":") else { return address.split(separator: ".").prefix(3).joined(separator: ".") + ".0/24" }
        if address.lowercased().hasPrefix("::ffff:"), address.contains(".") { return network(of: String(address.dropFirst(7))) }
        let groups = expanded(address)
        return groups.prefix(3).joined(separator: ":") + ":" + groups[3].prefix(2) + "00::/56"
    }

    /// The eight groups of an IPv6 address, four digits each.
    private static func expanded(_ address: String) -> [String] {
        let bare = address.split(separator: "%").first.map(String.init) ?? ""
        let halves = bare.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        let head = halves[0].split(separator: ":").map(padded)
        let tail = halves.count > 1 ? halves[1].split(separator: ":").map(padded) : []
        let missing = max(0, 8 - head.count - tail.count)
        return Array((head + Array(repeating: "0000", count: missing) + tail + Array(repeating: "0000", count: 8)).prefix(8))
    }

    private static func padded(_ group: Substring) -> String {
        String(repeating: "0", count: max(0, 4 - group.count)) + group.lowercased()
    }

    private static func recent(_ moments: [Tick]?, at now: Tick) -> [Tick] {
        moments?.filter { now.seconds(since: $0) < TrackerLimits.failureWindowSeconds } ?? []
    }

    private static func wait(_ moments: [Tick]?, limit: Int, at now: Tick) -> Double? {
        let moments = recent(moments, at: now)
        guard moments.count >= limit, let oldest = moments.first else { return nil }
        return TrackerLimits.failureWindowSeconds - now.seconds(since: oldest)
    }

    private static func count(_ now: Tick, _ moments: inout [Tick], limit: Int) {
        moments = recent(moments, at: now).suffix(limit - 1) + [now]
    }

    private static func remove(_ moment: Tick, _ key: String, _ table: inout [String: [Tick]]) {
        guard let position = table[key]?.firstIndex(of: moment) else { return }
        table[key]?.remove(at: position)
        if table[key]?.isEmpty == true { table[key] = nil }
    }

    /// Forgets what is past when the tables are full; all of it when that is not enough.
    private mutating func makeRoom(at now: Tick) {
        guard count >= TrackerLimits.failureKeys else { return }
        accounts = accounts.filter { !Self.recent($0.value, at: now).isEmpty }
        networks = networks.filter { !Self.recent($0.value, at: now).isEmpty }
        if accounts.count >= TrackerLimits.failureKeys / 2 { accounts = [:] }
        if networks.count >= TrackerLimits.failureKeys / 2 { networks = [:] }
    }
}
