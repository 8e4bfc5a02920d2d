/// Which system calls a cell may make: the one table. The filters, what the cell's handler answers, `talkoot doctor --policy`
/// and the table in docs/threat-model.md are made of it.
///
/// What no line names is stopped: the call is not made, the cell's handler of SIGSYS notes its number, and the cell ends. A call
/// of another architecture kills the process. No two lines that can hold at once say different things.
struct SystemCallPolicy: Sendable {
    /// When: while the library is loaded, or afterwards, when a second filter lies on top of the first one.
    enum Stage: CaseIterable, Sendable { case loading, running }

    /// The lines.
    var rules: [SystemCallRule]

    /// The policy of every cell.
    static let standard = SystemCallPolicy(rules: allowed + loading + threads + template + answered + handled)

    /// The lines of a stage, for a module with one thread or with several.
    func rules(stage: Stage, isThreaded: Bool) -> [SystemCallRule] {
        rules.filter { rule in
            switch rule.scope {
            case .always: true
            case .loading: stage == .loading
            case .threads: isThreaded
            case .template: false
            }
        }
    }

    /// What the cell's handler answers, as the cell is told it.
    var handlerAnswers: UInt32 {
        rules.reduce(0) { bits, rule in
            if case .handler(let answer) = rule.answer { bits | answer.rawValue } else { bits }
        }
    }

    /// Calls that no line allows, named for the reader: what a stranger's code would try first. The default stops them.
    static let neverMade: [(calls: [String], reason: String)] = [
        (["execve", "execveat", "fork", "vfork"], "another program or process; clone makes threads only"),
        (["socket", "socketpair", "connect", "bind", "sendmsg", "recvmsg"], "the network and other processes"),
        (["kill", "tkill", "rt_sigqueueinfo", "pidfd_send_signal"], "signals to others"),
        (["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"], "the insides of other processes"),
        (["mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_by_handle_at"], "another view of the system"),
        (["bpf", "perf_event_open"], "code in the kernel, and its counters"),
        (["keyctl", "add_key", "request_key"], "the kernel's keys, which no namespace separates"),
        (["io_uring_enter", "io_uring_register"], "calls past the filter"),
        (["init_module", "finit_module", "delete_module", "kexec_load"], "the kernel itself"),
    ]

    private static let allowed = [
        SystemCallRule(calls: ["munmap", "brk", "mremap"], answer: .allow, reason: "memory of its own"),
        SystemCallRule(
            calls: ["mmap"],
            conditions: [
                .flags(2, "prot", optional: [KernelNumber.protRead, KernelNumber.protWrite]),
                .flags(
                    3, "flags", [KernelNumber.mapPrivate, KernelNumber.mapAnonymous],
                    optional: [KernelNumber.mapFixed, KernelNumber.mapNoReserve, KernelNumber.mapStack]),
                .descriptor(4, -1),
            ], answer: .allow, reason: "memory that is neither executable nor shared"),
        SystemCallRule(
            calls: ["mprotect"], conditions: [.flags(2, "prot", optional: [KernelNumber.protRead, KernelNumber.protWrite])],
            answer: .allow, reason: "memory that is not executable"),
        SystemCallRule(
            calls: ["madvise"], conditions: [.int(2, "advice", KernelNumber.advice)], answer: .allow, reason: "how it uses its memory"),
        SystemCallRule(calls: ["exit_group"], answer: .allow, reason: "its end"),
        SystemCallRule(
            calls: ["sched_yield", "nanosleep", "clock_nanosleep", "restart_syscall"], answer: .allow,
            reason: "waiting; the kernel makes the last one when a paused cell goes on"),
        SystemCallRule(
            calls: ["futex"], conditions: [.int(1, "op", KernelNumber.futexWaits, ignoring: KernelNumber.futexFlags)], answer: .allow,
            reason: "locks, also those that nobody waits for"),
        SystemCallRule(calls: ["rt_sigreturn", "sigaltstack"], answer: .allow, reason: "its own signal handlers"),
        SystemCallRule(
            calls: ["rt_sigaction"],
            conditions: [ArgumentCondition(argument: 0, name: "signal", test: .otherSignal(KernelNumber.signalOfTraps))], answer: .allow,
            reason: "its own signal handlers"),
        SystemCallRule(
            calls: ["tgkill"], conditions: [.flags(0, "pid", [KernelNumber.ownProcess])], answer: .allow,
            reason: "abort, and signals to itself"),
        SystemCallRule(
            calls: ["getpid", "gettid", "sched_getaffinity", "getcpu", "fstat"], answer: .allow, reason: "facts about itself"),
        SystemCallRule(
            calls: ["clock_gettime", "clock_getres", "gettimeofday", "time"], answer: .allow,
            reason: "clocks, which cannot be taken away, where the vDSO does not do without a call"),
        SystemCallRule(calls: ["getrandom"], answer: .allow, reason: "random numbers"),
        SystemCallRule(calls: ["read"], conditions: [.descriptor(0, 3)], answer: .allow, reason: "the agent's calls"),
        SystemCallRule(calls: ["write"], conditions: [.descriptor(0, 5)], answer: .allow, reason: "its answers"),
        SystemCallRule(calls: ["write"], conditions: [.descriptor(0, 1, 2)], answer: .allow, reason: "its log"),
        SystemCallRule(calls: ["writev"], conditions: [.descriptor(0, 2)], answer: .allow, reason: "libc's last words"),
        SystemCallRule(
            calls: ["prctl"], conditions: [.int(0, "option", [KernelNumber.setName])], answer: .allow, reason: "names of threads"),
    ]

    private static let loading = [
        SystemCallRule(
            calls: ["read", "pread64"], scope: .loading, conditions: [.descriptor(0, 4)], answer: .allow,
            reason: "ld.so reads the library's headers"),
        SystemCallRule(
            calls: ["mmap"], scope: .loading,
            conditions: [
                .flags(2, "prot", optional: [KernelNumber.protRead, KernelNumber.protExec]),
                .flags(3, "flags", [KernelNumber.mapPrivate], optional: [KernelNumber.mapFixed, KernelNumber.mapDenyWrite]),
                .descriptor(4, 4),
            ], answer: .allow, reason: "ld.so maps the library's code, then closes the descriptor, so that nothing else can"),
        SystemCallRule(
            calls: ["mmap"], scope: .loading,
            conditions: [
                .flags(2, "prot", optional: [KernelNumber.protRead, KernelNumber.protWrite]),
                .flags(3, "flags", [KernelNumber.mapPrivate], optional: [KernelNumber.mapFixed, KernelNumber.mapDenyWrite]),
                .descriptor(4, 4),
            ], answer: .allow, reason: "ld.so maps the library's data"),
        SystemCallRule(
            calls: ["close"], scope: .loading, conditions: [.descriptor(0, 4)], answer: .allow, reason: "ld.so closes the library"),
        SystemCallRule(
            calls: ["seccomp"], scope: .loading,
            conditions: [.int(0, "op", [KernelNumber.setModeFilter]), .flags(1, "flags", [KernelNumber.synchronizeThreads])],
            answer: .allow, reason: "the second filter, for all threads"),
    ]

    private static let threads = [
        SystemCallRule(
            calls: ["clone"], scope: .threads, conditions: [.flags(0, "flags", KernelNumber.threadFlags)], answer: .allow,
            reason: "a thread as libc makes it, and no process"),
        SystemCallRule(
            calls: ["set_robust_list", "rseq", "exit"], scope: .threads, answer: .allow, reason: "libc's start and end of a thread"),
    ]

    private static let template = [
        SystemCallRule(
            calls: ["clone"], scope: .template, conditions: [.flags(0, "flags", KernelNumber.forkFlags)], answer: .allow,
            reason: "libc's fork, of a copy for a unit"),
        SystemCallRule(
            calls: ["set_robust_list", "getppid", "dup3", "prlimit64"], scope: .template, answer: .allow,
            reason: "what a copy sets anew: locks, whose child it is, its answers' pipe, its processor time"),
        SystemCallRule(
            calls: ["prctl"], scope: .template, conditions: [.int(0, "option", [KernelNumber.setDeathSignal])], answer: .allow,
            reason: "a copy ends with its template"),
        SystemCallRule(
            calls: ["close"], scope: .template, conditions: [.descriptor(0, 8)], answer: .allow,
            reason: "the pipe, under its first number"),
        SystemCallRule(calls: ["wait4"], scope: .template, answer: .allow, reason: "how a copy ended"),
    ]

    private static let answered = [
        SystemCallRule(
            calls: [
                "clone3", "statx", "openat2", "faccessat2", "membarrier", "memfd_create", "userfaultfd", "io_uring_setup", "pidfd_open",
            ], answer: .error(.notImplemented), reason: "libraries fall back to older calls"),
        SystemCallRule(
            calls: ["futex"], conditions: [.int(1, "op", KernelNumber.futexPriority, ignoring: [KernelNumber.futexPrivate])],
            answer: .error(.notImplemented), reason: "priority inheritance has a history of kernel bugs; libraries ask and do without"),
        SystemCallRule(
            calls: ["mmap"],
            conditions: [.flags(3, "flags", [KernelNumber.mapDroppable, KernelNumber.mapAnonymous]), .descriptor(4, -1)],
            answer: .error(.invalid), reason: "libc since 2.41 asks for it before random numbers, and then makes getrandom"),
        SystemCallRule(
            calls: ["madvise"], scope: .threads, conditions: [.int(2, "advice", [KernelNumber.guardInstall])], answer: .error(.invalid),
            reason: "libc since 2.42 asks for it below a thread's stack, and then makes mprotect"),
        SystemCallRule(
            calls: ["open", "stat", "lstat", "access", "faccessat", "readlink", "readlinkat", "getcwd"], answer: .error(.noSuchFile),
            reason: "there are no files"),
        SystemCallRule(calls: ["ioctl"], answer: .error(.notTerminal), reason: "stdio asks whether its output is a terminal"),
        SystemCallRule(calls: ["lseek"], answer: .error(.noSeek), reason: "stdio asks whether its output is a file"),
        SystemCallRule(
            calls: ["rt_sigaction"],
            conditions: [ArgumentCondition(argument: 0, name: "signal", test: .signal(KernelNumber.signalOfTraps))],
            answer: .error(.invalid), reason: "the signal by which stopped calls are reported stays the cell's"),
        SystemCallRule(calls: ["setpriority"], answer: .error(.pretendDone), reason: "thread pools log loudly when it fails"),
        SystemCallRule(
            calls: [
                "fcntl", "prlimit64", "sysinfo", "uname", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
                "getrusage", "times", "getpriority", "epoll_create1", "eventfd2", "mlock", "sched_setaffinity", "sched_getparam",
                "sched_getscheduler", "get_mempolicy", "mbind",
            ], answer: .error(.notPermitted), reason: "libraries ask and live with a no"),
    ]

    private static let handled = [
        SystemCallRule(
            calls: ["openat"], answer: .handler(.open), reason: "ld.so asks for the library by its name; there are no other files"),
        SystemCallRule(calls: ["newfstatat"], answer: .handler(.stat), reason: "libc's fstat makes it"),
        SystemCallRule(calls: ["close"], answer: .handler(.close), reason: "nothing but the library can be closed"),
        SystemCallRule(
            calls: ["rt_sigprocmask"], answer: .handler(.mask),
            reason: "libc blocks all signals round a fork: a blocked SIGSYS would kill without a word"),
    ]
}
