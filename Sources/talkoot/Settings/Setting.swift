/// A setting that can be given as a flag, as a variable of the environment or in `config.yaml`, in this order of precedence.
struct Setting: Hashable, Sendable {
    /// The path in `config.yaml`, dots between levels: `volunteer.slots`.
    let key: String
    /// The flag, when a command has one.
    let flag: String

    /// The variable: `TALKOOT_VOLUNTEER_SLOTS`.
    var variable: String { "TALKOOT_" + key.map { $0 == "." || $0 == "-" ? "_" : $0.uppercased() }.joined() }

    /// Where `run` works: `local` or a tracker's address.
    static let on = Setting(key: "on", flag: "--on")
    /// The coordinator elsewhere whose jobs `jobs`, `run --detach` and the like are about.
    static let coordinator = Setting(key: "coordinator", flag: "--at")
    /// The address a coordinator listens on.
    static let coordinatorListen = Setting(key: "coordinator-listen", flag: "--listen")
    /// Who may give a coordinator orders.
    static let coordinatorAllow = Setting(key: "coordinator-allow", flag: "--allow")
    /// How many jobs a coordinator runs at once.
    static let coordinatorJobs = Setting(key: "coordinator-jobs", flag: "--jobs")
    /// The tracker that `login`, `peers` and the like talk to.
    static let tracker = Setting(key: "tracker", flag: "--tracker")
    /// How many cells `run` keeps busy on this machine.
    static let slots = Setting(key: "slots", flag: "--slots")
    /// The most volunteers a job uses at once.
    static let volunteers = Setting(key: "volunteers", flag: "--volunteers")
    /// The least confinement level a requester accepts of a volunteer.
    static let minimumLevel = Setting(key: "min-level", flag: "--min-level")
    /// The address a tracker listens on.
    static let trackerListen = Setting(key: "tracker-listen", flag: "--listen")
    /// What a password's hash costs a tracker.
    static let trackerPasswordCost = Setting(key: "tracker-password-cost", flag: "--password-cost")
    /// How many cells a volunteer runs at once.
    static let volunteerSlots = Setting(key: "volunteer.slots", flag: "--slots")
    /// The most memory of one cell.
    static let volunteerMemory = Setting(key: "volunteer.memory", flag: "--memory")
    /// How much of the processors' time a volunteer's cells may use.
    static let volunteerProcessorShare = Setting(key: "volunteer.cpu-limit", flag: "--cpu-limit")
    /// The least confinement level under which a volunteer runs anything.
    static let volunteerMinimumLevel = Setting(key: "volunteer.min-level", flag: "--min-level")
    /// Whose modules a volunteer runs: `ask`, `trusted` or `any`.
    static let volunteerAccept = Setting(key: "volunteer.accept", flag: "--accept")
    /// The publishers that a volunteer trusts.
    static let volunteerTrust = Setting(key: "volunteer.trust", flag: "--trust")
    /// The address a volunteer listens on.
    static let volunteerListen = Setting(key: "volunteer.listen", flag: "--listen")
    /// How many bytes a second other volunteers may fetch from a volunteer.
    static let volunteerShare = Setting(key: "volunteer.share", flag: "--share")
    /// How much disk a volunteer lends to inputs of jobs.
    static let volunteerShareDisk = Setting(key: "volunteer.share-disk", flag: "--share-disk")
    /// The trackers a volunteer announces itself to.
    static let volunteerTrackers = Setting(key: "volunteer.trackers", flag: "--tracker")
}
