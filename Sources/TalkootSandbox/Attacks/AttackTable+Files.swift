extension AttackTable {
    static let files: [Attack] =
        [
            Attack(
                "open-libc", "opens /etc/passwd by fopen", .refused("ENOENT"), by: [.filter, .landlock, .namespaces],
                at: [.run, .constructor]),
            Attack(
                "open-bare", "opens /etc/passwd by the bare call", .refused("ENOENT"), by: [.filter, .landlock, .namespaces],
                at: [.run, .constructor, .resolver]),
            Attack(
                "open-high-bits", "the same with a number whose upper half is set", .refused("ENOENT"),
                by: [.filter, .landlock, .namespaces]),
            Attack("open-how", "opens /etc/passwd by openat2", .refused("ENOSYS"), by: [.filter, .landlock, .namespaces]),
            Attack(
                "open-memory", "opens its memory as a file, to write code", .refused("ENOENT"),
                by: [.filter, .landlock, .namespaces, .rights]),
            Attack(
                "open-environment", "opens /proc/self/environ", .refused("ENOENT"), by: [.filter, .landlock, .namespaces, .rights]),
            Attack("open-device", "opens a device", .refused("ENOENT"), by: [.filter, .landlock, .namespaces]),
            Attack("open-path-only", "takes hold of a file without opening it", .refused("ENOENT"), by: [.filter, .namespaces]),
            Attack("open-root", "lists the root directory", .refused("ENOENT"), by: [.filter, .landlock]),
            Attack("write-temporary", "makes a file without a name in /tmp", .refused("ENOENT"), by: [.filter, .landlock, .namespaces]),
            Attack("make-directory", "makes a directory in /tmp", .forbidden("mkdirat"), by: [.filter, .landlock, .namespaces]),
            Attack("stat", "asks for the size and owner of /etc/passwd", .refused("ENOENT"), by: [.filter, .namespaces]),
            Attack("stat-new", "the same by statx", .refused("ENOSYS"), by: [.filter, .namespaces]),
            Attack("access", "asks whether it may read /etc/passwd", .refused("ENOENT"), by: [.filter, .namespaces]),
            Attack("read-link", "reads where /proc/self/exe points", .refused("ENOENT"), by: [.filter, .namespaces]),
            Attack("where-am-i", "asks for its working directory", .refused("ENOENT"), by: [.filter]),
            Attack("change-directory", "goes to /tmp", .forbidden("chdir"), by: [.filter, .namespaces]),
            Attack("change-root", "makes /tmp its root", .forbidden("chroot"), by: [.filter, .namespaces, .rights]),
            Attack("change-mode", "makes /etc/passwd writable for all", .forbidden("fchmodat"), by: [.filter, .namespaces, .rights]),
            Attack("file-handle", "takes a handle of /etc/passwd", .forbidden("name_to_handle_at"), by: [.filter, .namespaces]),
            Attack("open-handle", "opens a file by its handle", .forbidden("open_by_handle_at"), by: [.filter, .rights]),
            Attack("mount", "mounts a file system on /tmp", .forbidden("mount"), by: [.filter, .rights]),
            Attack("unmount", "unmounts /tmp", .forbidden("umount2"), by: [.filter, .rights]),
            Attack("pivot-root", "exchanges the root", .forbidden("pivot_root"), by: [.filter, .rights]),
            Attack("open-tree", "takes hold of the tree of mounts", .forbidden("open_tree"), by: [.filter]),
            Attack("new-file-system", "makes a file system", .forbidden("fsopen"), by: [.filter, .rights]),
            Attack("watch-files", "watches files", .forbidden("inotify_init1"), by: [.filter]),
        ] + old

    /// Calls that newer architectures no longer have.
    #if arch(x86_64)
        private static let old: [Attack] = [
            Attack("open-old", "opens /etc/passwd by the oldest call", .refused("ENOENT"), by: [.filter, .landlock, .namespaces]),
            Attack("stat-old", "asks for the size of /etc/passwd by the oldest call", .refused("ENOENT"), by: [.filter, .namespaces]),
            Attack("access-old", "asks for access by the oldest call", .refused("ENOENT"), by: [.filter, .namespaces]),
            Attack("read-link-old", "reads a link by the oldest call", .refused("ENOENT"), by: [.filter, .namespaces]),
        ]
    #else
        private static let old: [Attack] = []
    #endif

    static let descriptors: [Attack] = [
        Attack(
            "descriptors-left", "looks for descriptors of the agent among 0 to 1023", .refused("EBADF"), by: [.start],
            at: [.run, .constructor]),
        Attack("environment-left", "looks for variables of the agent", .refused("ENOENT"), by: [.start], at: [.run, .constructor]),
        Attack("memory-file", "makes a file in memory", .refused("ENOSYS"), by: [.filter]),
        Attack("pipe", "makes a pipe", .forbidden("pipe2"), by: [.filter]),
        Attack("module-write", "writes to its own library", .forbidden("pwrite64"), by: [.filter, .rights]),
        Attack("memory-resize", "cuts the shared memory off under the agent", .forbidden("ftruncate"), by: [.filter, .rights]),
        Attack("descriptor-copy", "copies the agent's calls", .forbidden("dup"), by: [.filter]),
        Attack("descriptor-over", "puts another file over its answers' pipe", .forbidden("dup3"), by: [.filter], isDestructive: true),
        Attack("descriptor-close", "closes the agent's calls", .refused("EBADF"), by: [.filter], isDestructive: true),
        Attack("descriptor-close-all", "closes everything", .forbidden("close_range"), by: [.filter], isDestructive: true),
        Attack("descriptor-owner", "has signals sent to another process", .refused("EPERM"), by: [.filter]),
        Attack("descriptor-splice", "gives its pages to the log's pipe", .forbidden("vmsplice"), by: [.filter]),
        Attack("log-flood", "fills the log until nobody reads it", .refused("EAGAIN"), by: [.start], at: [.run, .constructor]),
    ]
}
