extension AttackTable {
    static let network: [Attack] = [
        Attack(
            "socket-internet", "makes an internet socket", .forbidden("socket"), by: [.filter], at: [.run, .constructor, .resolver]),
        Attack("socket-internet-6", "makes a socket of version 6", .forbidden("socket"), by: [.filter]),
        Attack("socket-local", "makes a local socket", .forbidden("socket"), by: [.filter]),
        Attack("socket-netlink", "makes a socket to the kernel's tables", .forbidden("socket"), by: [.filter]),
        Attack("socket-packet", "makes a socket that hears the network", .forbidden("socket"), by: [.filter, .rights]),
        Attack("socket-pair", "makes a pair of sockets", .forbidden("socketpair"), by: [.filter]),
        Attack("reach-loopback", "connects to this machine", .forbidden("socket"), by: [.filter, .landlock, .namespaces]),
        Attack("serve-port", "listens on a port", .forbidden("socket"), by: [.filter, .landlock]),
        Attack("channel-raise", "calls itself in the agent's name", .forbidden("write"), by: [.filter], isDestructive: true),
        Attack("channel-wait", "waits for the agent's calls beside its own work", .forbidden("ppoll"), by: [.filter]),
        Attack("channel-flags", "makes the agent's pipe one of single bytes", .refused("EPERM"), by: [.filter]),
        Attack("channel-grow", "makes the agent's pipe larger", .refused("EPERM"), by: [.filter]),
        Attack("channel-splice", "gives its pages to the agent's pipe", .forbidden("vmsplice"), by: [.filter], isDestructive: true),
    ]

    static let processes: [Attack] =
        [
            Attack(
                "copy-process", "makes a process", .forbidden("clone"), by: [.filter], at: [.run, .constructor, .resolver]),
            Attack("fork-libc", "forks by libc", .forbidden("clone"), by: [.filter], at: [.run, .constructor]),
            Attack("copy-into-namespace", "makes a process in a new user namespace", .refused("ENOSYS"), by: [.filter]),
            Attack(
                "execute", "executes a program", .forbidden("execve"), by: [.filter, .landlock, .namespaces],
                at: [.run, .constructor, .resolver]),
            Attack("execute-at", "executes a program by execveat", .forbidden("execveat"), by: [.filter, .landlock, .namespaces]),
            Attack("execute-module", "executes its own library", .forbidden("execveat"), by: [.filter, .rights]),
            Attack("trace-me", "has itself traced", .forbidden("ptrace"), by: [.filter], isDestructive: true),
            Attack("trace-first", "traces process 1", .forbidden("ptrace"), by: [.filter], isDestructive: true),
            Attack("trace-parent", "traces the agent", .forbidden("getppid"), by: [.filter], isDestructive: true),
            Attack("read-memory", "reads memory of a process", .forbidden("process_vm_readv"), by: [.filter]),
            Attack("write-memory", "writes memory of a process", .forbidden("process_vm_writev"), by: [.filter]),
            Attack(
                "signal-all", "signals every process", .forbidden("kill"), by: [.filter, .namespaces],
                at: [.run, .constructor, .resolver]),
            Attack("signal-first", "signals process 1", .forbidden("kill"), by: [.filter, .landlock, .rights]),
            Attack("signal-parent", "signals the agent", .forbidden("getppid"), by: [.filter, .landlock]),
            Attack("signal-thread", "signals a thread by its number", .forbidden("tkill"), by: [.filter, .landlock, .rights]),
            Attack("signal-other-thread", "signals a thread of process 2", .forbidden("tgkill"), by: [.filter, .rights]),
            Attack("process-handle", "takes a handle of process 1", .refused("ENOSYS"), by: [.filter]),
            Attack("process-handle-copy", "takes a descriptor of another process", .forbidden("pidfd_getfd"), by: [.filter, .rights]),
            Attack("process-handle-signal", "signals through a handle", .forbidden("pidfd_send_signal"), by: [.filter, .rights]),
            Attack("new-session", "leaves its session", .forbidden("setsid"), by: [.filter, .rights]),
            Attack("new-group", "leaves its process group", .forbidden("setpgid"), by: [.filter, .rights]),
            Attack("thread-second", "makes a thread that its manifest does not name", .forbidden("clone"), by: [.filter]),
            Attack(
                "thread-bomb", "makes 5,000 threads where two are allowed", .refused("EAGAIN"), by: [.limits], threads: 2,
                isDestructive: true),
            Attack(
                "early-thread", "maps code in a thread from before the second filter", .forbidden("mmap"), by: [.filter], threads: 2,
                isDestructive: true),
        ] + oldProcesses

    #if arch(x86_64)
        private static let oldProcesses: [Attack] = [
            Attack("fork-old", "forks by the oldest call", .forbidden("fork"), by: [.filter], isDestructive: true),
            Attack("vfork", "forks and shares its memory", .forbidden("vfork"), by: [.filter], isDestructive: true),
        ]
    #else
        private static let oldProcesses: [Attack] = []
    #endif

    static let rights: [Attack] = [
        Attack("unshare-user", "enters a user namespace of its own", .forbidden("unshare"), by: [.filter]),
        Attack("enter-namespace", "enters another namespace", .forbidden("setns"), by: [.filter, .rights]),
        Attack("become-root", "becomes root", .forbidden("setuid"), by: [.filter, .rights]),
        Attack("become-root-group", "enters root's group", .forbidden("setresgid"), by: [.filter, .rights]),
        Attack("take-groups", "changes its groups", .forbidden("setgroups"), by: [.filter, .rights]),
        Attack("take-capabilities", "takes all capabilities", .forbidden("capset"), by: [.filter, .rights]),
        Attack("who-am-i", "asks for its user id", .refused("EPERM"), by: [.filter]),
        Attack("dumpable", "lets others of its user look into it", .forbidden("prctl"), by: [.filter]),
        Attack("outlive-parent", "cuts its life from the agent's", .forbidden("prctl"), by: [.filter], isDestructive: true),
        Attack("own-reaper", "takes over its orphans", .forbidden("prctl"), by: [.filter]),
        Attack("raise-limit", "lifts its limit of memory", .refused("EPERM"), by: [.filter, .limits]),
        Attack("choose-processor", "moves to a processor of its choice", .refused("EPERM"), by: [.filter]),
        Attack("real-time", "goes before all other programs", .forbidden("sched_setscheduler"), by: [.filter, .rights]),
        Attack("disk-priority", "goes before others at the disk", .forbidden("ioprio_set"), by: [.filter]),
        Attack(
            "filter-listen", "puts up a filter that asks another process", .forbidden("seccomp"), by: [.filter],
            at: [.run, .constructor, .resolver]),
        Attack(
            "filter-of-one-thread", "puts up a filter for one thread", .forbidden("seccomp"), by: [.filter], at: [.run, .constructor]),
        Attack("filter-by-prctl", "puts up a filter by prctl", .forbidden("prctl"), by: [.filter], at: [.run, .constructor]),
        Attack(
            "filter-kills-all", "puts up a filter that kills at every call", .killed, by: [.checks], at: [.constructor], isDestructive: true
        ),
        Attack("replace-trap", "replaces the trap's handler and opens a file", .refused("EBADF"), by: [.filter, .landlock, .namespaces]),
    ]
}
