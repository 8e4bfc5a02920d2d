import TalkootCore
import TalkootProtocol

/// Whom a volunteer knows in a job's swarm: whom to dial, whom to avoid. Pure.
struct SwarmCircle: Sendable {
    /// How this volunteer stands to a peer that it knows of.
    private struct Acquaintance: Sendable {
        var contact: Message.Contact
        /// Not dialled before.
        var avoidUntil = Tick.zero
        /// Named by the requester for a chunk: dialled first.
        var isNamed = false
    }

    private let own: PeerID?
    private var known: [PeerID: Acquaintance] = [:]
    private var dialled: Set<PeerID> = []
    private var accepted: Set<PeerID> = []
    private var liars: Set<PeerID> = []

    init(own: PeerID?) { self.own = own }

    /// How many are linked, or about to be.
    var count: Int { dialled.count + accepted.count }

    /// Somebody was named. What no honest requester names was dropped before.
    mutating func meet(_ contact: Message.Contact, isNamed: Bool) {
        guard contact.peer != own, !liars.contains(contact.peer) else { return }
        if known[contact.peer] == nil, known.count >= SwarmLimits.contacts {
            guard let victim = known.keys.first(where: { !dialled.contains($0) }) else { return }
            known[victim] = nil
        }
        let before = known[contact.peer]
        known[contact.peer] = Acquaintance(
            contact: contact, avoidUntil: before?.avoidUntil ?? .zero, isNamed: isNamed || before?.isNamed ?? false)
    }

    /// Whom to dial now; they count as dialled.
    mutating func dial(at now: Tick) -> [Message.Contact] {
        var chosen: [Message.Contact] = []
        let candidates = known.values
            .filter { $0.avoidUntil <= now && !dialled.contains($0.contact.peer) && !accepted.contains($0.contact.peer) }
            .sorted { $0.isNamed && !$1.isNamed }
        for candidate in candidates where dialled.count < SwarmLimits.dialled {
            dialled.insert(candidate.contact.peer)
            known[candidate.contact.peer]?.isNamed = false
            chosen.append(candidate.contact)
        }
        return chosen
    }

    /// Somebody dialled this volunteer. When both dial each other, the dial of the one whose name comes first counts.
    ///
    /// - Returns: whether there is room for a link.
    mutating func accept(_ peer: PeerID) -> Bool {
        guard let own, peer != own, !liars.contains(peer), !accepted.contains(peer), accepted.count < SwarmLimits.accepted,
            !dialled.contains(peer) || peer < own
        else { return false }
        accepted.insert(peer)
        return true
    }

    /// A link ended, or could not be made.
    mutating func lost(_ peer: PeerID, wasDialled: Bool, isLiar: Bool, at now: Tick) {
        if wasDialled { dialled.remove(peer) } else { accepted.remove(peer) }
        if isLiar {
            if liars.count < SwarmLimits.contacts { liars.insert(peer) }
            known[peer] = nil
        } else {
            known[peer]?.avoidUntil = now.advanced(bySeconds: SwarmLimits.avoidSeconds)
        }
    }
}
