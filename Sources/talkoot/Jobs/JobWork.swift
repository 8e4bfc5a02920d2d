import Glibc
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
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
        launcher = try CellLauncher.open()
        dialer = if case .tracker = place { try TrackerDialer(home: home) } else { nil }
        try check()
    }

    /// For one of many jobs of a process, which share launcher and dialer.
    ///
    /// - Throws: ``TalkootError`` when there is no login at the tracker, or this machine confines too weakly for a local job.
    init(
        home: Home, session: Session, place: JobPlace, resources: JobResources, launcher: CellLauncher, dialer: TrackerDialer
    ) throws(TalkootError) {
        (self.home, self.session, self.place, self.resources) = (home, session, place, resources)
        (self.launcher, self.dialer) = (launcher, dialer)
        try check()
    }

    private func check() throws(TalkootError) {
        switch place {
        case .tracker(let endpoint):
            let key = TrackerAddress.key(endpoint)
            guard session.logins[key] != nil else { throw TrackerDialer.notLoggedIn(key) }
        case .local:
            guard launcher.level >= resources.minimumLevel else {
                throw TalkootError(
                    .refused, "this machine confines at level \(launcher.level), below the minimum of \(resources.minimumLevel)",
                    remedy: "see `talkoot doctor`, or lower it with --min-level")
            }
        }
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

    /// The module of that name: one known here, else the tracker's, which is kept here; the tracker's too when the one here, named otherwise than
    /// by its digest or file, is yanked there.
    ///
    /// - Throws: ``TalkootError`` `notFound` when neither has it, or it is yanked.
    func module(_ reference: String) async throws(TalkootError) -> ModulePackage {
        guard !Self.isFile(reference), case .tracker(let endpoint) = place, let dialer else { return try home.module(reference) }
        let known: ModulePackage
        do throws(TalkootError) {
            known = try home.module(reference)
        } catch {
            guard error.code == .notFound else { throw error }
            return try await Self.fetch(reference, home: home, session: session, from: endpoint, dialer: dialer)
        }
        let isByName = reference == known.manifest.name || reference == known.reference
        guard isByName, try await isYanked(known, at: endpoint, dialer: dialer) else { return known }
        return try await Self.fetch(reference, home: home, session: session, from: endpoint, dialer: dialer)
    }

    private func isYanked(_ package: ModulePackage, at endpoint: PeerEndpoint, dialer: TrackerDialer) async throws(TalkootError) -> Bool {
        let (client, _) = try await dialer.authenticated(endpoint, session: session)
        let listed = try await client.moduleList(matching: ModulePattern(package.reference))
        await client.quit()
        return listed.contains { $0.digest == package.digest && $0.yanked != nil }
    }

    /// As ``module(_:)``, for a process that runs nothing itself.
    ///
    /// - Throws: ``TalkootError`` `notFound` when neither this home nor the tracker has it.
    static func module(_ reference: String, home: Home, session: Session, place: JobPlace) async throws(TalkootError) -> ModulePackage {
        do throws(TalkootError) {
            return try home.module(reference)
        } catch {
            guard error.code == .notFound, !isFile(reference), case .tracker(let endpoint) = place else { throw error }
            let dialer = try TrackerDialer(home: home)
            do throws(TalkootError) {
                let package = try await fetch(reference, home: home, session: session, from: endpoint, dialer: dialer)
                await dialer.close()
                return package
            } catch {
                await dialer.close()
                throw error
            }
        }
    }

    private static func isFile(_ reference: String) -> Bool { reference.contains("/") || reference.hasSuffix(".talkoot") }

    private static func fetch(
        _ reference: String, home: Home, session: Session, from endpoint: PeerEndpoint, dialer: TrackerDialer
    ) async throws(TalkootError) -> ModulePackage {
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
