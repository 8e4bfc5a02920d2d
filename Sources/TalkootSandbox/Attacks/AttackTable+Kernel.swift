extension AttackTable {
    static let memory: [Attack] = [
        Attack(
            "code-mapped", "maps memory to write and execute", .forbidden("mmap"), by: [.filter, .limits],
            at: [.run, .constructor, .resolver]),
        Attack("code-high-bits", "the same with bits above the 32nd", .forbidden("mmap"), by: [.filter, .limits]),
        Attack("code-changed", "makes its data executable", .forbidden("mprotect"), by: [.filter, .limits], at: [.run, .constructor]),
        Attack("code-changed-by-key", "the same with a protection key", .forbidden("pkey_mprotect"), by: [.filter, .limits]),
        Attack("code-written", "writes code, then makes it executable", .forbidden("mprotect"), by: [.filter, .limits]),
        Attack(
            "code-from-module", "maps more of its library as code", .refused("EBADF"), by: [.start], at: [.constructor, .resolver]),
        Attack("code-from-null", "maps the null device as code", .forbidden("mmap"), by: [.filter, .rights], at: [.run, .constructor]),
        Attack("memory-shared", "maps memory that others could share", .forbidden("mmap"), by: [.filter]),
        Attack("memory-grows", "maps memory that grows by itself", .forbidden("mmap"), by: [.filter]),
        Attack("memory-at-once", "maps memory and fills it at once", .forbidden("mmap"), by: [.filter]),
        Attack("memory-locked", "locks memory against swapping", .refused("EPERM"), by: [.filter, .limits]),
        Attack("memory-all-locked", "locks all its memory", .forbidden("mlockall"), by: [.filter, .limits]),
        Attack("memory-advice", "gives advice about forks", .forbidden("madvise"), by: [.filter]),
        Attack("memory-poison", "declares memory broken", .forbidden("madvise"), by: [.filter, .rights]),
        Attack("memory-placed", "binds memory to a node", .refused("EPERM"), by: [.filter]),
        Attack("memory-key", "takes a protection key", .forbidden("pkey_alloc"), by: [.filter, .rights]),
    ]

    static let kernel: [Attack] = [
        Attack("ring-setup", "sets up io_uring", .refused("ENOSYS"), by: [.filter, .rights]),
        Attack("ring-enter", "enters io_uring", .forbidden("io_uring_enter"), by: [.filter, .rights]),
        Attack("ring-register", "registers with io_uring", .forbidden("io_uring_register"), by: [.filter, .rights]),
        Attack("fault-handler", "handles page faults by itself", .refused("ENOSYS"), by: [.filter, .rights]),
        Attack("kernel-program", "loads a program into the kernel", .forbidden("bpf"), by: [.filter, .rights]),
        Attack("performance-events", "counts events of the processor", .forbidden("perf_event_open"), by: [.filter, .rights]),
        Attack("keyring-of-session", "looks into the session's keyring", .forbidden("keyctl"), by: [.filter]),
        Attack("key-add", "adds a key", .forbidden("add_key"), by: [.filter]),
        Attack("key-request", "asks for a key", .forbidden("request_key"), by: [.filter, .rights]),
        Attack("module-load", "loads a kernel module", .forbidden("init_module"), by: [.filter, .rights]),
        Attack("module-load-file", "loads a kernel module from a file", .forbidden("finit_module"), by: [.filter, .rights]),
        Attack("module-unload", "unloads a kernel module", .forbidden("delete_module"), by: [.filter, .rights]),
        Attack("kernel-load", "loads another kernel", .forbidden("kexec_load"), by: [.filter, .rights]),
        Attack("restart-machine", "restarts the machine", .forbidden("reboot"), by: [.filter, .rights]),
        Attack("kernel-log", "reads the kernel's log", .forbidden("syslog"), by: [.filter, .rights]),
        Attack("machine-facts", "asks for the machine's load and memory", .refused("EPERM"), by: [.filter]),
        Attack("machine-name", "asks for the machine's name", .refused("EPERM"), by: [.filter]),
        Attack("rename-machine", "renames the machine", .forbidden("sethostname"), by: [.filter, .rights]),
        Attack("set-clock", "sets the clock", .forbidden("clock_settime"), by: [.filter, .rights]),
        Attack("adjust-clock", "looks at the clock's adjustment", .forbidden("adjtimex"), by: [.filter]),
        Attack("swap", "adds swap space", .forbidden("swapon"), by: [.filter, .rights]),
        Attack("accounting", "switches accounting on", .forbidden("acct"), by: [.filter, .rights]),
        Attack("quota", "asks for quotas", .forbidden("quotactl"), by: [.filter, .rights]),
        Attack("compare-processes", "compares two processes", .forbidden("kcmp"), by: [.filter, .rights]),
        Attack("landlock-rules", "makes rules of its own", .forbidden("landlock_create_ruleset"), by: [.filter]),
    ]

    static let interfaces: [Attack] =
        [
            Attack("shared-memory", "makes memory for other processes", .forbidden("shmget"), by: [.filter]),
            Attack("shared-semaphores", "makes semaphores for other processes", .forbidden("semget"), by: [.filter]),
            Attack("shared-messages", "makes a queue for other processes", .forbidden("msgget"), by: [.filter]),
            Attack("message-queue", "makes a named queue", .forbidden("mq_open"), by: [.filter, .limits], isDestructive: true),
            Attack("timer", "makes a timer that signals", .forbidden("timer_create"), by: [.filter]),
            Attack("timer-file", "makes a timer to poll", .forbidden("timerfd_create"), by: [.filter]),
            Attack("signal-file", "reads signals as a file", .forbidden("signalfd4"), by: [.filter]),
            Attack("event-file", "makes a counter to poll", .refused("EPERM"), by: [.filter]),
            Attack("event-poll", "makes a set to poll", .refused("EPERM"), by: [.filter]),
            Attack("terminal-input", "types into the owner's terminal", .refused("ENOTTY"), by: [.filter, .rights]),
            Attack("pipe-fill", "asks a device a question", .refused("ENOTTY"), by: [.filter]),
            Attack("pipe-fill-high-bits", "the same with bits above the 32nd", .refused("ENOTTY"), by: [.filter]),
            Attack("lock-with-priority", "takes a lock that lends its priority", .refused("ENOSYS"), by: [.filter]),
            Attack("memory-barrier", "interrupts all processors", .refused("ENOSYS"), by: [.filter]),
            Attack("usage-of-others", "asks what others used", .refused("EPERM"), by: [.filter]),
            Attack("unknown-call", "makes call 9999", .forbidden("number 9999"), by: [.filter, .rights]),
            Attack("newest-call", "makes a call newer than this program", .forbidden("number 467"), by: [.filter, .rights]),
        ] + segments

    #if arch(x86_64)
        private static let segments: [Attack] = [
            Attack("segments", "reads its table of segments", .forbidden("modify_ldt"), by: [.filter]),
            Attack("ports", "talks to devices", .forbidden("iopl"), by: [.filter, .rights]),
            Attack("ports-some", "talks to one device", .forbidden("ioperm"), by: [.filter, .rights]),
            Attack("thread-base", "asks for its thread's base", .forbidden("arch_prctl"), by: [.filter]),
            Attack("read-implies-execute", "makes all memory executable", .forbidden("personality"), by: [.filter]),
        ]
        static let tricks: [Attack] = [
            Attack(
                "interrupt-call", "calls by int 0x80, with 32-bit numbers", .killed, by: [.filter], at: [.run, .constructor, .resolver]),
            Attack("x32-call", "calls with an x32 number", .killed, by: [.filter, .rights], at: [.run, .constructor, .resolver]),
        ]
    #else
        private static let segments: [Attack] = [
            Attack("read-implies-execute", "makes all memory executable", .forbidden("personality"), by: [.filter])
        ]
        static let tricks: [Attack] = []
    #endif
}
