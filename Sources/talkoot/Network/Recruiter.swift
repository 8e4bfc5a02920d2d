import Synchronization
import TalkootCoordinator
import TalkootCore
import TalkootPeer
import TalkootProtocol
import TalkootStore

/// Finds volunteers for a job: asks the tracker who is active and hands each new one to the coordinator, for as long as the job runs.
final class Recruiter: Sendable {
    /// How often the tracker is asked, in seconds.
    static let pollSeconds = 3.0
    /// The longest pause before the tracker is dialled again, in seconds.
    static let redialSeconds = 30.0

    /// Whom volunteers work for.
    let coordinator: Coordinator
    /// The way to the tracker and to the volunteers.
    let dialer: TrackerDialer
    /// The tracker.
    let endpoint: PeerEndpoint
    /// The logins.
    let session: Session
    /// The most volunteers that are asked at once.
    let limit: Int
    /// How long no volunteer may work before the job is given up, in seconds.
    let patienceSeconds: Double
    /// Where to say what happens.
    let display: ProgressDisplay

    /// Where volunteers that cannot be dialled dial back, when this machine can be.
    private let door = Mutex<ReverseDoor?>(nil)
    private let refused = Mutex<TalkootError?>(nil)

    /// Recruits for `coordinator` at the tracker `endpoint`.
    init(
        coordinator: Coordinator, dialer: TrackerDialer, endpoint: PeerEndpoint, session: Session, resources: JobResources,
        display: ProgressDisplay
    ) {
        (self.coordinator, self.dialer, self.endpoint) = (coordinator, dialer, endpoint)
        (self.session, self.limit, self.display) = (session, resources.volunteers, display)
        patienceSeconds = resources.patienceSeconds
    }

    /// Why it gave up, when it did: the tracker does not take the login, or nobody works.
    var refusal: TalkootError? { refused.withLock { $0 } }

    /// A volunteer's name for this purpose: its key, or where it listens.
    private struct Candidate: Hashable {
        var peer: PeerID?
        var address: String
        var port: UInt16
    }

    /// Works until its task is cancelled. A tracker that goes away is dialled again: the job goes on without it. One that does not
    /// take the login, and too long a time without a volunteer at work, stop the job.
    func run() async {
        var known: Set<Candidate> = []
        var pause = 1.0
        var isWaiting = false
        let opening = Task { await openDoor() }
        defer { opening.cancel() }
        while !Task.isCancelled {
            do throws(TalkootError) {
                let (client, _) = try await dialer.authenticated(endpoint, session: session)
                pause = 1
                try await recruit(from: client, known: &known, isWaiting: &isWaiting)
                await client.quit()
            } catch {
                coordinator.note(error.code == .tryLater ? .noVolunteers : .trackerAway, error.message, remedy: error.remedy)
                if [.refused, .tryLater].contains(error.code) {
                    refused.withLock { $0 = error }
                    return coordinator.stop()
                }
                if !Task.isCancelled { display.note("talkoot: \(error); trying again in \(Int(pause)) s") }
            }
            do { try await Task.sleep(for: .seconds(pause)) } catch { return }
            pause = min(2 * pause, Self.redialSeconds)
        }
    }

    private func recruit(from client: TrackerClient, known: inout Set<Candidate>, isWaiting: inout Bool) async throws(TalkootError) {
        var lastWork = ContinuousClock.now
        while !Task.isCancelled {
            for record in try await client.peerList() where isCandidate(record) {
                guard coordinator.volunteers.filter(\.isHopeful).count < limit else { break }
                let candidate = Candidate(peer: record.peer, address: record.address, port: record.port)
                guard known.insert(candidate).inserted else { continue }
                try coordinator.addVolunteer(record, network: dialer.network, rendezvous: try rendezvous(client))
            }
            if !coordinator.volunteers.contains(where: \.isHopeful), !isWaiting {
                isWaiting = true
                display.note("talkoot: no volunteer is active at \(TrackerAddress.key(endpoint)) yet; waiting")
                coordinator.note(
                    .noVolunteers,
                    "no volunteer is active at \(TrackerAddress.key(endpoint)) that confines at level \(coordinator.record.minimumLevel)",
                    remedy: "ask somebody to run `talkoot volunteer`, lower --min-level, or run it with --on local")
            }
            if coordinator.progress.volunteers > 0 { lastWork = .now }
            guard ContinuousClock.now - lastWork < .seconds(patienceSeconds) else {
                throw TalkootError(
                    .tryLater, "no volunteer has worked for \(ProgressText.duration(patienceSeconds))",
                    remedy: "ask somebody to run `talkoot volunteer`, or use --on local")
            }
            do { try await Task.sleep(for: .seconds(min(Self.pollSeconds, patienceSeconds))) } catch { return }
        }
    }

    /// How volunteers that cannot be dialled are met: through the tracker, or at a port of this machine once the tracker has found
    /// that it can be dialled. `nil` when the tracker does not introduce.
    private func rendezvous(_ client: TrackerClient) throws(TalkootError) -> Rendezvous? {
        guard client.introduces, let login = session.logins[TrackerAddress.key(endpoint)] else { return nil }
        return Rendezvous(tracker: try dialer.pinned(endpoint), token: login.token, door: door.withLock { $0 })
    }

    /// Opens a port and has the tracker try it, over a session of its own since that may take seconds.
    private func openDoor() async {
        guard let fresh = try? await ReverseDoor.open(network: dialer.network) else { return }
        if let (client, _) = try? await dialer.authenticated(endpoint, session: session) {
            if client.introduces, (try? await client.checkReach(port: fresh.port))?.content == "yes" { door.withLock { $0 = fresh } }
            await client.quit()
        }
        if door.withLock({ $0 }) == nil { await fresh.close() }
    }

    /// Whether a peer offers itself: active, listening, confining well enough, and not this installation.
    private func isCandidate(_ record: PeerRecord) -> Bool {
        record.status == "active" && record.port != 0 && record.slots > 0 && record.peer != dialer.network.identity?.id
            && (record.level ?? .none) >= coordinator.record.minimumLevel
    }
}
