import Glibc
import TalkootCore
import TalkootSandbox
import TalkootStore

extension CapsuleStore {
    /// The label of the capsules of a job.
    func label(_ record: JobRecord) -> CapsuleLabel {
        let module = record.module
        return CapsuleLabel(store: self, job: record.id, module: module.digest, name: module.name, version: module.version)
    }
}

extension CoordinatedJob {
    /// The capsule of a unit; nil when there is none.
    func capsulePath(of unit: UInt64) -> String? {
        guard let path = capsules?.store.path(job: record.id, unit: unit), access(path, F_OK) == 0 else { return nil }
        return path
    }

    /// Writes the capsule of a unit that failed at a volunteer; a local slot has written its own, with the whole log.
    ///
    /// Of the volunteer only the level is known that the job demanded.
    func keepCapsule(of lost: GivenUpUnit) {
        guard let capsules, capsulePath(of: lost.unit) == nil else { return }
        var capsule = capsules.capsule(
            unit: lost.unit, shape: record.shape, seed: record.seed, parameters: record.parameters, limits: record.limits,
            verdict: lost.outcome, launcher: launcher)
        (capsule.platform, capsule.level, capsule.layers) = ("unknown", record.minimumLevel, [])
        capsule.log = lost.log
        if let input {
            guard let range = try? inputBytes(of: lost.unit..<lost.unit + 1) else { return }
            if range.count > Capsule.inputLimitBytes {
                capsule.input = .omitted(byteCount: UInt64(range.count))
            } else {
                guard let bytes = try? input.read(range) else { return }
                capsule.input = .bytes(bytes)
            }
        }
        capsules.store.keep(capsule)
    }
}
