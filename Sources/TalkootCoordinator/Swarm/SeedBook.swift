import TalkootCore
import TalkootProtocol

/// Who takes part in a job's swarm, and whom which chunk was sent to. Pure.
///
/// The requester sends each chunk once; who asks for it again is referred to those who have it, as long as they are there, and is sent it
/// when they could not help. So what it uploads is about one copy, however many volunteers there are.
struct SeedBook: Sendable {
    /// Volunteers that are remembered for a chunk: the last that were sent it or referred.
    static let givenPerChunk = 3
    /// Volunteers that must have complained of one before it is named to nobody any more.
    static let complaints = 2

    private struct Member: Sendable {
        var contact: Message.Contact?
        var complainedBy: Set<PeerID> = []
    }

    private struct Place: Hashable, Sendable {
        var subject: Message.Fetch.Subject
        var chunk: Int
    }

    private var members: [PeerID: Member] = [:]
    private var given: [Place: [PeerID]] = [:]

    /// A volunteer takes part. Its contact is nil when it cannot be dialled.
    mutating func join(_ peer: PeerID, contact: Message.Contact?) { members[peer, default: Member()].contact = contact }

    /// It is gone; complaints about it stay.
    mutating func leave(_ peer: PeerID) {
        if members[peer]?.complainedBy.isEmpty ?? true { members[peer] = nil } else { members[peer]?.contact = nil }
    }

    /// How many can be named to others.
    var count: Int { members.values.count { Self.isUsable($0) } }

    /// `asker` wants a chunk and takes a referral.
    ///
    /// - Returns: whom to ask instead; none when it is to be sent. Either way the asker counts as one who has it soon.
    mutating func want(_ chunk: Int, of subject: Message.Fetch.Subject, for asker: PeerID) -> [Message.Contact] {
        let place = Place(subject: subject, chunk: chunk)
        let known = given[place, default: []].filter { $0 != asker }
        given[place] = Array((known + [asker]).suffix(Self.givenPerChunk))
        return known.compactMap { contact(of: $0, for: asker) }
    }

    /// It is sent to `asker`, whatever was said before.
    mutating func gave(_ chunk: Int, of subject: Message.Fetch.Subject, to asker: PeerID) {
        let place = Place(subject: subject, chunk: chunk)
        given[place] = Array((given[place, default: []].filter { $0 != asker } + [asker]).suffix(Self.givenPerChunk))
    }

    /// Some of the others, at random.
    func others(than asker: PeerID, using generator: inout some RandomNumberGenerator) -> [Message.Contact] {
        // A sample of the keys first: there may be thousands.
        let some = members.keys.shuffled(using: &generator).lazy.compactMap { contact(of: $0, for: asker) }
        return Array(some.prefix(Limits.holders))
    }

    /// `asker` says that `peer` sent wrong bytes.
    ///
    /// - Returns: whether that is news.
    mutating func complain(_ asker: PeerID, about peer: PeerID) -> Bool {
        guard asker != peer, members[peer] != nil else { return false }
        return members[peer]?.complainedBy.insert(asker).inserted ?? false
    }

    private func contact(of peer: PeerID, for asker: PeerID) -> Message.Contact? {
        guard peer != asker, let member = members[peer], Self.isUsable(member), !member.complainedBy.contains(asker) else { return nil }
        return member.contact
    }

    private static func isUsable(_ member: Member) -> Bool { member.contact != nil && member.complainedBy.count < complaints }
}
