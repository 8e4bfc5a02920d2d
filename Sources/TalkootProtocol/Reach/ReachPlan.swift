package import TalkootCore

/// In which order the ways to a peer are tried. Pure: events and time in, effects out.
///
/// ```
/// port can be dialled, or unknown:  direct at once; introduced when that fails, or after a head start
/// port cannot be dialled:           introduced at once; direct when that fails
/// ```
/// "Introduced" is one request to the tracker, which the peer answers by dialling back or by joining the relay. The first
/// connection that opens is taken.
package struct ReachPlan: Sendable {
    /// A way that can be tried.
    package enum Route: Hashable, Sendable, CaseIterable {
        case direct
        case introduced
    }

    /// What the shell is to do, in order.
    package enum Effect: Hashable, Sendable {
        case attempt(Route)
        /// Call ``advance(to:)`` then.
        case wake(at: Tick)
        /// All ways failed.
        case fail(TalkootError)
    }

    /// How long a direct dial may take before the tracker is asked as well, in seconds: longer than a handshake round the world.
    package static let headStartSeconds = 1.0

    private var left: [Route]
    private var running: Set<Route> = []
    private var firstFailure: TalkootError?
    private var headStartEnds: Tick?
    private var isOver = false

    /// - Parameters:
    ///   - listens: whether the peer names a port.
    ///   - hasTracker: whether there is a tracker that can introduce.
    ///   - reachability: what the tracker says of the peer's port.
    package init(listens: Bool, hasTracker: Bool, reachability: Reachability?) {
        let order: [Route] = reachability == .relay ? [.introduced, .direct] : [.direct, .introduced]
        left = order.filter { $0 == .direct ? listens : hasTracker }
    }

    /// Begins.
    package mutating func start(at now: Tick) -> [Effect] {
        guard !left.isEmpty else {
            isOver = true
            return [.fail(TalkootError(.unreachable, "the peer does not listen, and no tracker can introduce"))]
        }
        return next(at: now)
    }

    /// A way came to nothing.
    package mutating func failed(_ route: Route, _ error: TalkootError, at now: Tick) -> [Effect] {
        guard !isOver, running.remove(route) != nil else { return [] }
        firstFailure = firstFailure ?? error
        if !left.isEmpty { return next(at: now) }
        guard running.isEmpty else { return [] }
        isOver = true
        return [.fail(Self.summary(firstFailure ?? error, error))]
    }

    /// A connection is open: nothing more is tried.
    package mutating func opened() { isOver = true }

    /// Time passed.
    package mutating func advance(to now: Tick) -> [Effect] {
        guard !isOver, let end = headStartEnds, end <= now else { return [] }
        headStartEnds = nil
        return left.isEmpty ? [] : next(at: now)
    }

    private mutating func next(at now: Tick) -> [Effect] {
        let route = left.removeFirst()
        running.insert(route)
        guard route == .direct, !left.isEmpty else {
            headStartEnds = nil
            return [.attempt(route)]
        }
        let end = now.advanced(bySeconds: Self.headStartSeconds)
        headStartEnds = end
        return [.attempt(route), .wake(at: end)]
    }

    private static func summary(_ first: TalkootError, _ last: TalkootError) -> TalkootError {
        guard first != last else { return first }
        return TalkootError(last.code, "\(first.message); \(last.message)", remedy: last.remedy)
    }
}
