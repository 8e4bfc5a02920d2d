import Glibc
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootSandbox
import TalkootStore

/// What a requester's process needs from the command line to the result: the place, the cells, the network when it is used.
struct JobWork: Sendable {
    /// The home.
    let home: Home
    /// The logins.
    let session: Session
    /// Where the units run.
    let place: JobPlace
    /// How much the job may use.
    let resources: JobResources
    /// What starts this machine's cells: all of a local job's, and those that plan and merge.
    let launcher: CellLauncher
    /// The dialer, when the job runs on a tracker's volunteers.
    let dialer: TrackerDialer?

    /// Finds out what this machine can confine.
    ///
    /// - Throws: ``TalkootError`` when this machine cannot confine a module, or there is no login at the tracker.
    init(home: Home, session: Session, place: JobPlace, resources: JobResources) throws(TalkootError) {
        (self.home, self.session, self.place, self.resources) = (home, session, place, resources)
        if case .tracker(let endpoint) = place {
            let key = TrackerAddress.key(endpoint)
            guard session.logins[key] != nil else { throw TrackerDialer.notLoggedIn(key) }
        }
        launcher = try CellLauncher.open()
        if case .local = place, launcher.level < resources.minimumLevel {
            throw TalkootError(
                .refused, "this machine confines at level \(launcher.level), below the minimum of \(resources.minimumLevel)",
                remedy: "see `talkoot doctor`, or lower it with --min-level")
        }
        dialer = if case .tracker = place { try TrackerDialer(home: home) } else { nil }
    }

    /// Where failed units are kept.
    var capsules: CapsuleStore { CapsuleStore(directory: home.capsules, program: Version.agent) }

    /// Where the job runs, in words.
    var placeText: String {
        switch place {
        case .local: "on this machine, \(ProgressText.count(resources.slots, "slot"))"
        case .tracker(let endpoint): "at the tracker \(TrackerAddress.key(endpoint)) as \(requester)"
        }
    }

    /// Runs `work` and stops the event loops.
    ///
    /// - Throws: what `work` throws.
    func closing(_ work: () async throws(TalkootError) -> Void) async throws(TalkootError) {
        do throws(TalkootError) {
            try await work()
        } catch {
            await dialer?.close()
            throw error
        }
        await dialer?.close()
    }

    /// The module of that name: one known here, else the tracker's, which is kept here.
    ///
    /// - Throws: ``TalkootError`` `notFound` when neither has it.
    func module(_ reference: String) async throws(TalkootError) -> ModulePackage {
        do throws(TalkootError) {
            return try home.module(reference)
        } catch {
            let isFile = reference.contains("/") || reference.hasSuffix(".talkoot")
            guard error.code == .notFound, !isFile, case .tracker(let endpoint) = place, let dialer else { throw error }
            return try await fetch(reference, from: endpoint, dialer: dialer)
        }
    }

    private func fetch(_ reference: String, from endpoint: PeerEndpoint, dialer: TrackerDialer) async throws(TalkootError) -> ModulePackage
    {
        let (client, _) = try await dialer.authenticated(endpoint, session: session)
        let store = home.moduleStore
        let temporary = try store.temporaryPath()
        defer { unlink(temporary) }
        _ = try await client.fetchModule(reference, to: temporary)
        await client.quit()
        let package = try store.add(path: temporary)
        StandardStream.note("talkoot: fetched \(package.reference) (\(package.digest.short)) from \(TrackerAddress.key(endpoint))")
        return package
    }

    /// How many slots will probably work, which steers the size of units.
    var expectedSlots: Int {
        switch place {
        case .local: resources.slots
        case .tracker: min(resources.volunteers, 16)
        }
    }

    /// The place as the journal keeps it.
    var mode: JobRecord.Mode {
        switch place {
        case .local: .local(slots: resources.slots)
        case .tracker(let endpoint): .tracker(endpoint: endpoint.description)
        }
    }

    /// The account's name at the tracker.
    var requester: String {
        guard case .tracker(let endpoint) = place else { return "" }
        return session.logins[TrackerAddress.key(endpoint)]?.name ?? ""
    }
}
