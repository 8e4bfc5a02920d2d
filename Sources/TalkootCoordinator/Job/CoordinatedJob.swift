import TalkootCore
import TalkootProtocol
import TalkootSandbox
import TalkootScheduling
import TalkootStore

/// A job's fixed parts: what was asked, its journal, its module and its input.
struct CoordinatedJob: Sendable {
    let record: JobRecord
    let journal: JobJournal
    let module: JobModule
    let image: LibraryImage
    let launcher: CellLauncher
    let input: InputFile?
    let destination: OutputDestination
    /// Where capsules of failed units go; nil keeps none.
    let capsules: CapsuleLabel?
    /// Whether each volunteer is to fetch the whole input.
    var isSpread = false
    /// Where decisions about it are written down.
    let decisions: JobDecisions
    /// Which of this process's cells are its own.
    let seat: JobSeat

    /// The requester's own cell, not started yet.
    func ownCell() -> OwnCell {
        OwnCell(launcher: launcher, module: module, image: image, parameters: record.parameters, limits: record.limits, slot: seat.ownCell)
    }

    /// What compares results when the module says itself which of them agree; nil when only the same bytes do.
    func equality() -> ResultEquality? {
        guard record.verification != nil, module.manifest.determinism == .tolerance else { return nil }
        let (job, journal) = (self, journal)
        return ResultEquality {
            var limits = job.record.limits
            limits.unitWallSeconds = min(limits.unitWallSeconds, CoordinatorLimits.equalSeconds)
            return OwnCell(
                launcher: job.launcher, module: job.module, image: job.image, parameters: job.record.parameters, limits: limits,
                slot: job.seat.comparer)
        } stored: { unit in
            guard let commit = try? journal.results(from: unit, limitUnits: 1).first, commit.units.lowerBound == unit else { return nil }
            return commit.trimmed(to: unit..<unit + 1).bytes
        }
    }

    /// What the slots of this machine share.
    func localJob(waitForRoom: @escaping @Sendable () -> Void) -> LocalJob {
        LocalJob(
            launcher: launcher, image: image, parameters: record.parameters, limits: record.limits,
            isolation: module.manifest.isolation, shape: record.shape, seed: record.seed,
            input: input, capsules: capsules, seat: seat, waitForRoom: waitForRoom)
    }

    /// The scheduler's figures: leases are bounded by their input.
    var policy: SchedulingPolicy {
        var policy = SchedulingPolicy()
        policy.heartbeatSeconds = CoordinatorLimits.heartbeatSeconds
        if let verification = record.verification { policy.verification = verification.policy }
        if record.inputBytes > 0, record.shape.units > 0 {
            let unitBytes = max(1, record.inputBytes / record.shape.units)
            policy.maximumLeaseUnits = max(1, UInt64(CoordinatorLimits.leaseInputBytes) / unitBytes)
        }
        return policy
    }

    /// A unit in words: `unit 7 (items 70 to 79) of primes 1.2.0`.
    var describeUnit: @Sendable (UInt64) -> String {
        let shape = record.shape
        let module = "\(record.module.name) \(record.module.version)"
        return { unit in
            let items = shape.items(ofUnit: unit)
            let words = items.count == 1 ? "item \(items.lowerBound)" : "items \(items.lowerBound) to \(items.upperBound - 1)"
            return "unit \(unit) (\(words)) of \(module)"
        }
    }

    /// What a volunteer is told before its first lease.
    var description: Message.JobDescription {
        Message.JobDescription(
            id: record.id, requester: record.requester, module: module.digest, packageBytes: module.packageBytes,
            parameters: record.parameters,
            shape: record.shape, seed: record.seed, inputBytes: record.inputBytes, limits: record.limits,
            minimumLevel: record.minimumLevel)
    }

    /// The bytes in which a run of units lies; empty without input.
    ///
    /// - Throws: ``TalkootError`` `input-output` or `bad-data` when the file cannot be read or was changed.
    func inputBytes(of units: Range<UInt64>) throws(TalkootError) -> Range<UInt64> {
        guard let input else { return 0..<0 }
        return try input.byteRange(ofItems: record.shape.items(ofUnits: units))
    }
}
