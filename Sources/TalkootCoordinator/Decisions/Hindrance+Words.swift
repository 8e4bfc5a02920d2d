import Synchronization
import TalkootCore
import TalkootScheduling

extension Hindrance {
    /// What it means for a volunteer, at this moment.
    func words(at now: Tick) -> (message: String, remedy: String) {
        switch self {
        case .banned: ("gave wrong results and gets nothing more", "others do its units")
        case .resting(let until):
            (
                "gets nothing for \(Int(max(0, until.seconds(since: now)).rounded(.up))) s: it failed units in a row or gave some back",
                "nothing to do; `talkoot explain` has its failures"
            )
        case .silent: ("has not been heard of for three heartbeats", "look whether it is suspended or its connection hangs")
        case .heldBack: ("is new here and gets no more before its results were checked", "nothing to do: more volunteers check sooner")
        case .nothingLeft: ("has nothing to do: all units are lent or over", "nothing to do: the last ones are split where it pays")
        case .tooSlow: ("is too slow for what is left: its unit would end after all others", "smaller units let it take part: --unit-size")
        }
    }
}

extension Dispatcher {
    /// Writes down why hosts that are there get nothing, a few at a time. Called now and then.
    func noteHindrances() {
        let found: [(String, Hindrance, Tick)] = state.withLock { state in
            let now = clock.now()
            guard !state.isOver, now.seconds(since: state.looked) >= Self.lookSeconds else { return [] }
            state.looked = now
            var found: [(String, Hindrance, Tick)] = []
            for (host, port) in state.hosts where found.count < Self.hindrancesTold {
                if let hindrance = state.scheduling.hindrance(of: host) { found.append((port.name, hindrance, now)) }
            }
            return found
        }
        for (name, hindrance, now) in found {
            let (message, remedy) = hindrance.words(at: now)
            callbacks.decided(.grantRefused, nil, name, "\(name) \(message)", remedy)
        }
    }

    /// How often that is looked at, in seconds, and how many hosts are told of.
    private static var lookSeconds: Double { 5 }
    private static var hindrancesTold: Int { 32 }
}
