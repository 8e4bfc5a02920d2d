import Synchronization
import TalkootCore
import TalkootScheduling

/// The volunteers of a job, in the order in which they were added.
final class VolunteerBook: Sendable {
    /// Who answers for the slots of this machine.
    static let localOwner = OwnerID(rawValue: 0)

    private struct State {
        var links: [VolunteerLink] = []
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
    func add(_ make: (OwnerID) -> VolunteerLink) -> VolunteerLink? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            let link = make(OwnerID(rawValue: UInt64(state.links.count) + 1))
            state.links.append(link)
            return link
        }
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
