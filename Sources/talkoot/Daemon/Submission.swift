import Glibc
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootStore

/// A submission on its way from an order to a durable job.
struct Submission: Sendable {
    let context: JobKeeper.Context
    let order: SubmitOrder
    let session: OrderSession
    /// The peer id of who submits; empty for the owner of the home.
    let submitter: String

    /// The job of this id, when an earlier order has made it.
    ///
    /// - Throws: ``TalkootError`` when its journal cannot be read.
    func existing() throws(TalkootError) -> JobRecord? {
        let directory = context.home.directory(of: order.job)
        guard JobJournal.exists(in: directory) else { return nil }
        return try JobJournal.open(directory: directory, access: .readOnly).record()
    }

    /// What the requester is told.
    static func answer(_ record: JobRecord) -> SubmitAnswer {
        SubmitAnswer(
            job: record.id, items: record.shape.items, units: record.shape.units, itemsPerUnit: record.shape.itemsPerUnit,
            on: JobReport.place(record.mode))
    }

    /// Fetches what is missing, plans, and writes the journal: when this returns, the job survives everything but the loss of the disk.
    ///
    /// - Throws: ``TalkootError`` of the module, the input or the plan; then nothing is left.
    func carryOut() async throws(TalkootError) -> JobRecord {
        guard JobRecord.Terms.priorities.contains(order.priority) else {
            throw TalkootError(.usage, "--priority \(order.priority) is out of range", remedy: "give a number from -100 to 100")
        }
        let level = try VerificationText.level(order.verify)
        let place = try place()
        var resources = context.resources
        if let volunteers = order.volunteers { resources.volunteers = volunteers }
        if let raw = order.minimumLevel {
            guard let level = ConfinementLevel(rawValue: raw), level > .none else {
                throw TalkootError(.usage, "--min-level \(raw) is no level", remedy: "give 1, 2 or 4")
            }
            resources.minimumLevel = level
        }
        let work = try JobWork(
            home: context.home, session: Session.load(home: context.home), place: place, resources: resources,
            launcher: context.launcher, dialer: context.dialer)
        let package = try await package()
        let directory = context.home.directory(of: order.job)
        do throws(TalkootError) {
            let specification = try await specification(package, directory: directory, work: work, level: level)
            let (context, capsules) = (context, work.capsules)
            return try await OwnThread.run { () throws(TalkootError) in
                try Coordinator.submit(
                    specification, launcher: context.launcher, capsules: capsules, seat: .aside, logger: context.logger
                ).record
            }
        } catch {
            JobListing.removeUnborn(directory)
            throw error
        }
    }

    private func place() throws(TalkootError) -> JobPlace {
        let session = try Session.load(home: context.home)
        guard submitter.isEmpty || order.on == nil else {
            throw TalkootError(.refused, "where jobs run is this coordinator's owner's choice", remedy: "leave out --on")
        }
        return try JobPlace.resolve(flag: order.on ?? context.place, settings: context.settings, session: session)
    }

    private func specification(
        _ package: ModulePackage, directory: String, work: JobWork, level: VerificationText.Level
    ) async throws(TalkootError) -> JobSpecification {
        let manifest = package.manifest
        let values = try manifest.resolve(order.parameters)
        guard submitter.isEmpty || order.inputPath == nil && order.outputPath == nil else {
            throw TalkootError(.refused, "a coordinator of somebody else opens no files of its machine", remedy: "leave out --output")
        }
        try Home.makeDirectory(directory)
        let inputPath = try await input(manifest, directory: directory)
        var specification = JobSpecification(
            module: try JobModule(package), parameters: values, inputPath: inputPath,
            outputPath: order.outputPath ?? JobDelivery.keptOutput(directory: directory), itemsPerUnit: order.itemsPerUnit,
            expectedSlots: work.expectedSlots, directory: directory, id: order.job, created: WallTime.seconds(), mode: work.mode,
            requester: work.requester, minimumLevel: work.resources.minimumLevel, seed: .random(in: .min ... .max))
        if case .tracker = work.place { specification.verification = level }
        specification.terms = JobRecord.Terms(
            priority: order.priority, deadline: order.deadlineSeconds.map { WallTime.seconds() + Int64($0.rounded(.up)) },
            isDetached: true, submitter: submitter, volunteers: order.volunteers)
        return specification
    }

    // MARK: What the requester has

    private func package() async throws(TalkootError) -> ModulePackage {
        let store = context.home.moduleStore
        if let known = try store.package(order.module) { return known }
        guard order.packageBytes > 0, order.packageBytes <= Limits.packageBytes else {
            throw TalkootError(.badData, "a package of \(order.packageBytes) bytes is not taken", remedy: "see `talkoot module inspect`")
        }
        let temporary = try store.temporaryPath()
        defer { unlink(temporary) }
        try await fetch(.module, byteCount: order.packageBytes, to: temporary)
        let package = try store.add(path: temporary)
        guard package.digest == order.module else { throw TalkootError(.badData, "the requester sent another module than it named") }
        return package
    }

    private func input(_ manifest: Manifest, directory: String) async throws(TalkootError) -> String? {
        guard let byteCount = order.inputBytes else {
            return try JobInput.resolve(manifest, flag: order.inputPath, directory: directory)
        }
        guard manifest.input != .none else {
            throw TalkootError(.usage, "\(manifest.name) reads no input", remedy: "leave out --input")
        }
        guard byteCount <= OrderLimits.inputBytes else {
            throw TalkootError(
                .badData,
                "an input of \(NumberText.size(byteCount)) is larger than the \(NumberText.size(OrderLimits.inputBytes)) that are taken",
                remedy: "split it")
        }
        let path = directory + "/input"
        try await fetch(.input, byteCount: byteCount, to: path)
        return path
    }

    private func fetch(_ subject: Message.Fetch.Subject, byteCount: UInt64, to path: String) async throws(TalkootError) {
        let target = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw FileFault.creating(path) }
        defer { close(target) }
        var offset: UInt64 = 0
        while offset < byteCount {
            let end = min(byteCount, offset + Limits.fetchBytes)
            let bytes = try await session.fetch(subject, of: order.job, offset..<end)
            try FileBytes.write(bytes[...], to: target, named: path)
            offset = end
        }
        guard fsync(target) == 0 else { throw FileFault.writing(path) }
    }
}
