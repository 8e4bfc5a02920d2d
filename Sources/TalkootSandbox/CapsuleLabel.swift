import Glibc
public import TalkootCore

/// What the capsules of a job say of it, and where they go.
public struct CapsuleLabel: Sendable {
    /// Where they are kept.
    public var store: CapsuleStore
    /// The job.
    public var job: JobID
    /// The module's identity.
    public var module: Digest
    /// The module's name.
    public var name: String
    /// The module's version.
    public var version: SemanticVersion

    /// Labels the capsules of a job.
    public init(store: CapsuleStore, job: JobID, module: Digest, name: String, version: SemanticVersion) {
        self.store = store
        self.job = job
        self.module = module
        self.name = name
        self.version = version
    }

    /// The capsule of a unit of the job.
    public func capsule(
        unit: UInt64, shape: JobShape, seed: UInt64, parameters: [String: ParameterValue], limits: CellLimits, verdict: UnitOutcome,
        launcher: CellLauncher
    ) -> Capsule {
        Capsule(
            job: job, module: module, name: name, moduleVersion: version, parameters: parameters, shape: shape, unit: unit, seed: seed,
            limits: limits, verdict: verdict, program: store.program, platform: Self.platform, level: launcher.level,
            layers: launcher.layers.filter(\.isActive).map(\.name), written: Int64(time(nil)))
    }

    /// The platform of this program.
    private static var platform: String {
        #if arch(x86_64)
            "x86_64-linux-gnu"
        #elseif arch(arm64)
            "aarch64-linux-gnu"
        #else
            "unknown-linux-gnu"
        #endif
    }
}
