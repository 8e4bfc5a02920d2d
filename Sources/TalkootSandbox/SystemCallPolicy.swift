/// Which system calls a cell may make: the one table, in a readable form.
///
/// What it does not name is stopped and reported (`SIGSYS` with a handler that notes the number and ends the cell). Calls of
/// another architecture kill the cell. The SIGSYS handler of the cell answers `openat`, `newfstatat` and `close`, which are
/// not named here for that reason: no name but the module's exists, and nothing can be closed.
enum SystemCallPolicy {
    /// Which filter: the first one holds while the library is loaded, the second one is put on top of it afterwards.
    enum Stage: CaseIterable, Sendable { case loading, running }

    /// The rules of a stage, for a module with one thread or with several.
    static func rules(stage: Stage, isThreaded: Bool) -> [SystemCallRule] {
        var rules = plain + byArgument + answered + killed
        if isThreaded { rules.append(threads) }
        if stage == .loading { rules += loading }
        return rules
    }

    private static let plain = [
        SystemCallRule(
            calls: ["munmap", "brk", "mremap"], action: .allow, reason: "memory of its own"),
        SystemCallRule(
            calls: ["exit", "exit_group", "restart_syscall", "sched_yield", "nanosleep", "clock_nanosleep"], action: .allow,
            reason: "ending and waiting"),
        SystemCallRule(
            calls: ["rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "sigaltstack"], action: .allow, reason: "its own signal handlers"),
        SystemCallRule(
            calls: ["getpid", "gettid", "sched_getaffinity", "getcpu", "fstat"], action: .allow, reason: "facts about itself"),
        SystemCallRule(
            calls: ["clock_gettime", "clock_getres", "gettimeofday", "time"], action: .allow, reason: "clocks, which cannot be taken away"),
        SystemCallRule(calls: ["getrandom"], action: .allow, reason: "random numbers"),
        SystemCallRule(calls: ["set_robust_list", "rseq"], action: .allow, reason: "libc's start of a thread"),
    ]

    private static let byArgument: [SystemCallRule] =
        futex + [
            SystemCallRule(calls: ["read"], action: .allow, conditions: [.int(0, 3)], reason: "the parent's calls"),
            SystemCallRule(calls: ["write"], action: .allow, conditions: [.int(0, 1)], reason: "its log"),
            SystemCallRule(calls: ["write"], action: .allow, conditions: [.int(0, 2)], reason: "its log"),
            SystemCallRule(calls: ["write"], action: .allow, conditions: [.int(0, 3)], reason: "its answers"),
            SystemCallRule(calls: ["writev"], action: .allow, conditions: [.int(0, 2)], reason: "libc's last words"),
            SystemCallRule(
                calls: ["mmap"], action: .allow,
                conditions: [
                    .only(2, bits: Number.readWrite),
                    .exactly(3, bits: Number.mapPrivate | Number.mapAnonymous, optional: Number.mapHarmless), .int(4, -1),
                ], reason: "memory that is neither executable nor shared"),
            SystemCallRule(
                calls: ["mprotect"], action: .allow, conditions: [.only(2, bits: Number.readWrite)], reason: "memory that is not executable"
            ),
            SystemCallRule(
                calls: ["tgkill"], action: .allow, conditions: [.int(0, Number.ownProcess)], reason: "abort and signals to itself"),
            SystemCallRule(calls: ["prctl"], action: .allow, conditions: [.int(0, Number.setName)], reason: "names of threads"),
        ]
        + Number.harmlessAdvice.map { advice in
            SystemCallRule(calls: ["madvise"], action: .allow, conditions: [.int(2, advice)], reason: "how it uses its memory")
        }

    private static let futex: [SystemCallRule] =
        Number.futexCalls.map { call in
            SystemCallRule(
                calls: ["futex"], action: .allow, conditions: [Number.futex(call)], reason: "waiting for another of its threads")
        }
        + Number.futexPriorityCalls.map { call in
            SystemCallRule(
                calls: ["futex"], action: .answer(.notImplemented), conditions: [Number.futex(call)],
                reason: "priority inheritance has a history of kernel bugs")
        }

    private static let threads = SystemCallRule(
        calls: ["clone"], action: .allow, conditions: [.exactly(0, bits: Number.threadFlags)],
        reason: "a thread as libc makes it, and no process")

    private static let loading = [
        SystemCallRule(calls: ["read", "pread64"], action: .allow, conditions: [.int(0, 4)], reason: "ld.so reads the library"),
        SystemCallRule(
            calls: ["mmap"], action: .allow,
            conditions: [
                .only(2, bits: Number.readExecute), .exactly(3, bits: Number.mapPrivate, optional: Number.mapLoading), .int(4, 4),
            ],
            reason: "ld.so maps the library's code; ld.so then closes the descriptor, so nothing else can"),
        SystemCallRule(
            calls: ["mmap"], action: .allow,
            conditions: [.only(2, bits: Number.readWrite), .exactly(3, bits: Number.mapPrivate, optional: Number.mapLoading), .int(4, 4)],
            reason: "ld.so maps the library's data"),
        SystemCallRule(
            calls: ["close"], action: .allow, conditions: [.int(0, 4)], reason: "ld.so closes the library"),
        SystemCallRule(
            calls: ["seccomp"], action: .allow,
            conditions: [.int(0, Number.setModeFilter), .exactly(1, bits: Number.synchronizeThreads)], reason: "the second filter"),
    ]

    private static let answered = [
        SystemCallRule(
            calls: [
                "clone3", "statx", "openat2", "faccessat2", "membarrier", "memfd_create", "userfaultfd", "io_uring_setup", "pidfd_open",
            ], action: .answer(.notImplemented), reason: "libraries fall back to older calls"),
        SystemCallRule(
            calls: ["open", "stat", "lstat", "access", "faccessat", "readlink", "readlinkat", "getcwd"], action: .answer(.noSuchFile),
            reason: "there are no files"),
        SystemCallRule(calls: ["ioctl"], action: .answer(.notTerminal), reason: "stdio asks whether its output is a terminal"),
        SystemCallRule(calls: ["lseek"], action: .answer(.noSeek), reason: "stdio asks whether its output is a file"),
        SystemCallRule(calls: ["setpriority"], action: .answer(.pretendDone), reason: "thread pools log loudly when it fails"),
        SystemCallRule(
            calls: [
                "fcntl", "prlimit64", "getrlimit", "sysinfo", "uname", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
                "getrusage", "times", "getpriority", "epoll_create1", "eventfd2", "mlock", "sched_setaffinity", "sched_getparam",
                "sched_getscheduler", "get_mempolicy", "mbind",
            ], action: .answer(.notPermitted), reason: "libraries ask and live with a no"),
    ]

    private static let killed = [
        SystemCallRule(
            calls: [
                "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "bpf", "perf_event_open", "mount", "umount2",
                "pivot_root", "chroot", "unshare", "setns", "keyctl", "add_key", "request_key", "open_by_handle_at", "kexec_load",
                "init_module", "finit_module", "delete_module", "io_uring_enter", "io_uring_register", "fork", "vfork",
            ], action: .kill, reason: "no honest computation makes them")
    ]
}

/// Numbers of the kernel's interface that the policy compares with; the same on x86-64 and aarch64.
private enum Number {
    static let readWrite: UInt64 = 0x3
    static let readExecute: UInt64 = 0x5
    static let mapPrivate: UInt64 = 0x2
    static let mapAnonymous: UInt64 = 0x20
    /// MAP_FIXED, MAP_NORESERVE, MAP_STACK, MAP_FIXED_NOREPLACE.
    static let mapHarmless: UInt64 = 0x10 | 0x4000 | 0x20000 | 0x100000
    /// MAP_FIXED, MAP_DENYWRITE.
    static let mapLoading: UInt64 = 0x10 | 0x800
    /// NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE, DONTDUMP.
    static let harmlessAdvice: [Int32] = [0, 1, 2, 3, 4, 8, 14, 15, 16]
    /// WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET.
    static let futexCalls: [UInt64] = [0, 1, 3, 4, 5, 9, 10]
    /// LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_REQUEUE_PI, CMP_REQUEUE_PI, LOCK_PI2.
    static let futexPriorityCalls: [UInt64] = [6, 7, 8, 11, 12, 13]
    static let setName: Int32 = 15
    static let setModeFilter: Int32 = 1
    static let synchronizeThreads: UInt64 = 1
    /// TALKOOT_FILTER_OWN_PROCESS: the cell puts its own number in its place.
    static let ownProcess: Int32 = 0x7a6c_6b74
    /// VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID.
    static let threadFlags: UInt64 = 0x3d0f00

    /// A futex operation, whatever its flags for private memory and the clock.
    static func futex(_ call: UInt64) -> ArgumentCondition {
        ArgumentCondition(argument: 1, mask: 0xffff_ffff & ~0x180, value: call)
    }
}
