import Logging
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootStore

/// One detached job in a coordinator's hands, from its journal to its end or interruption.
struct KeptJob: Sendable {
    let context: JobKeeper.Context
    let id: JobID
    let seat: JobSeat

    /// How long a detached job waits for a volunteer: for ever, as a person would say.
    private static let patienceSeconds = 3e8

    /// Works on it. `began` gets the coordinator as soon as there is one.
    ///
    /// - Throws: ``TalkootError`` of ``Coordinator/run(patienceSeconds:)`` or when it cannot be taken up.
    func run(began: @escaping @Sendable (Coordinator) async -> Void) async throws {
        let directory = context.home.directory(of: id)
        let record = try JobJournal.open(directory: directory, access: .readOnly).record()
        var resources = context.resources
        // Local slots come from the keeper, which divides them.
        resources.slots = 0
        resources.patienceSeconds = Self.patienceSeconds
        resources.minimumLevel = record.minimumLevel
        if let volunteers = record.terms?.volunteers { resources.volunteers = volunteers }
        let work = try JobWork(
            home: context.home, session: Session.load(home: context.home), place: JobPlace(record.mode), resources: resources,
            launcher: context.launcher, dialer: context.dialer)
        let package = try await work.module(record.module.digest.description)
        let (launcher, capsules, logger, seat) = (context.launcher, work.capsules, context.logger, seat)
        let coordinator = try await OwnThread.run { () throws(TalkootError) in
            try Coordinator.resume(
                directory: directory, module: try JobModule(package), launcher: launcher, capsules: capsules, seat: seat, logger: logger)
        }
        await began(coordinator)
        let id = id
        let display = ProgressDisplay(name: record.module.name) { logger.info("\($0)", metadata: ["job": "\(id)"]) }
        _ = try await work.work(on: coordinator, display: display)
    }
}
