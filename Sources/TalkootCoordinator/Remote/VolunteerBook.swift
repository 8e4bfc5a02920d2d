import Synchronization
import TalkootCore
import TalkootScheduling

/// The volunteers of a job, in the order in which they were added.
final class VolunteerBook: Sendable {
    /// Who answers for the slots of this machine.
    static let localOwner = OwnerID(rawValue: 0)

    private struct State {
        var links: [VolunteerLink] = []
        /// Who answers for them, by name: all machines of one account have one owner.
        var names: [String] = []
        var owners: [String: OwnerID] = [:]
        var isOver = false
    }

    private let state = Mutex(State())

    /// All of them.
    var links: [VolunteerLink] { state.withLock { $0.links } }

    /// How many work.
    var working: Int {
        links.count { if case .working = $0.status.phase { true } else { false } }
    }

    /// Adds a volunteer made for the owner number it is given; `nil` when the job is over.
    func add(_ name: String, _ make: (OwnerID) -> VolunteerLink) -> VolunteerLink? {
        let owner = owner(named: name)
        return add { make(owner) }
    }

    private func add(_ make: () -> VolunteerLink) -> VolunteerLink? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            let link = make()
            state.links.append(link)
            return link
        }
    }

    /// The owner of that name.
    func owner(named name: String) -> OwnerID {
        state.withLock { state in
            if let known = state.owners[name] { return known }
            state.names.append(name)
            let owner = OwnerID(rawValue: UInt64(state.names.count))
            state.owners[name] = owner
            return owner
        }
    }

    /// The name of an owner.
    func name(of owner: OwnerID) -> String {
        state.withLock { state in
            owner == Self.localOwner || owner.rawValue > state.names.count ? LocalSlot.volunteer : state.names[Int(owner.rawValue) - 1]
        }
    }

    /// Sends all machines of an owner away for good.
    func expel(_ owner: OwnerID, reason: String) {
        let name = name(of: owner)
        for link in links where link.status.name == name { link.expel(reason: reason) }
    }

    /// Tells the machines of an owner that are there what was signed for him.
    func send(_ receipt: Receipt) {
        for link in links where link.status.name == receipt.volunteer { link.send(receipt) }
    }

    /// The journal has room again.
    func resumeReading() {
        for link in links { link.resumeReading() }
    }

    /// Tells all of them that the job is over, and why.
    func end(reason: String, job: JobID) {
        let links = state.withLock { state in
            state.isOver = true
            return state.links
        }
        for link in links { link.end(reason: reason) }
    }
}
