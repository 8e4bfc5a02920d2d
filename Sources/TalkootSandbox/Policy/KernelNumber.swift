import CTalkootSystem

/// Numbers of the kernel's interface that the policy compares with; the same on x86-64 and aarch64.
enum KernelNumber {
    static let protRead = NamedNumber(name: "PROT_READ", value: 0x1)
    static let protWrite = NamedNumber(name: "PROT_WRITE", value: 0x2)
    static let protExec = NamedNumber(name: "PROT_EXEC", value: 0x4)

    static let mapPrivate = NamedNumber(name: "MAP_PRIVATE", value: 0x2)
    static let mapFixed = NamedNumber(name: "MAP_FIXED", value: 0x10)
    static let mapAnonymous = NamedNumber(name: "MAP_ANONYMOUS", value: 0x20)
    static let mapDenyWrite = NamedNumber(name: "MAP_DENYWRITE", value: 0x800)
    static let mapNoReserve = NamedNumber(name: "MAP_NORESERVE", value: 0x4000)
    static let mapDroppable = NamedNumber(name: "MAP_DROPPABLE", value: 0x8)
    static let mapStack = NamedNumber(name: "MAP_STACK", value: 0x20000)

    /// Advice that changes nothing but speed, and the content of the caller's own pages.
    static let advice = numbers([
        ("MADV_NORMAL", 0), ("MADV_RANDOM", 1), ("MADV_SEQUENTIAL", 2), ("MADV_WILLNEED", 3), ("MADV_DONTNEED", 4), ("MADV_FREE", 8),
        ("MADV_HUGEPAGE", 14), ("MADV_NOHUGEPAGE", 15), ("MADV_DONTDUMP", 16),
    ])

    static let guardInstall = NamedNumber(name: "MADV_GUARD_INSTALL", value: 102)

    static let futexWaits = numbers([("FUTEX_WAIT", 0), ("FUTEX_WAKE", 1), ("FUTEX_WAIT_BITSET", 9), ("FUTEX_WAKE_BITSET", 10)])
    static let futexPriority = numbers([("FUTEX_LOCK_PI", 6), ("FUTEX_UNLOCK_PI", 7)])
    /// Flags of a futex operation: private memory, and which clock.
    static let futexFlags = [futexPrivate, NamedNumber(name: "FUTEX_CLOCK_REALTIME", value: 0x100)]
    static let futexPrivate = NamedNumber(name: "FUTEX_PRIVATE_FLAG", value: 0x80)

    /// What libc's pthread_create gives to clone.
    static let threadFlags = numbers([
        ("CLONE_VM", 0x100), ("CLONE_FS", 0x200), ("CLONE_FILES", 0x400), ("CLONE_SIGHAND", 0x800), ("CLONE_THREAD", 0x10000),
        ("CLONE_SYSVSEM", 0x40000), ("CLONE_SETTLS", 0x80000), ("CLONE_PARENT_SETTID", 0x100000), ("CLONE_CHILD_CLEARTID", 0x200000),
    ])

    /// What libc's fork gives to clone, with the signal that a child sends at its end.
    static let forkFlags = numbers([("SIGCHLD", 17), ("CLONE_CHILD_CLEARTID", 0x200000), ("CLONE_CHILD_SETTID", 0x100_0000)])

    static let signalOfTraps = NamedNumber(name: "SIGSYS", value: 31)
    static let setName = NamedNumber(name: "PR_SET_NAME", value: 15)
    static let setDeathSignal = NamedNumber(name: "PR_SET_PDEATHSIG", value: 1)
    static let setModeFilter = NamedNumber(name: "SECCOMP_SET_MODE_FILTER", value: 1)
    static let synchronizeThreads = NamedNumber(name: "SECCOMP_FILTER_FLAG_TSYNC", value: 1)
    /// The cell puts its own number in its place.
    static let ownProcess = NamedNumber(name: "itself", value: UInt64(TALKOOT_FILTER_OWN_PROCESS))

    private static func numbers(_ pairs: [(String, UInt64)]) -> [NamedNumber] { pairs.map { NamedNumber(name: $0.0, value: $0.1) } }
}
