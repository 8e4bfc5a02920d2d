import CSeccomp
import CTalkootSystem
import Glibc
import TalkootCore

/// The policy turned into a program for the kernel. Made once for a profile and given to every cell: libseccomp takes half a
/// millisecond, and a cell that used it would have to contain it.
struct FilterProgram: Sendable {
    /// Bytes of one instruction, `struct sock_filter`.
    static let instructionBytes = 8
    /// The most instructions that the kernel takes.
    static let instructionLimit = 4096

    /// The instructions.
    let bytes: [UInt8]

    /// How many instructions there are.
    var count: Int { bytes.count / Self.instructionBytes }

    /// One of the filters. The kernel does what the strictest of those that a process has says.
    enum Part: CaseIterable {
        /// The first one of a cell: makes what the lines for loading say and stops everything else. Long, so slow to load.
        case loading
        /// In its place in a template, which hands it on to its copies: makes in addition what the lines for templates say.
        case template
        /// In each copy of a template, on top of that: takes those back, so that the two say what ``loading`` says. Short.
        case copy
        /// The last one, before the first unit: stops what the first one makes for loading only. Short.
        case running
    }

    /// A filter, for this machine or for another.
    /// - Throws: ``TalkootError`` `internalError` when libseccomp refuses a rule.
    init(
        _ policy: SystemCallPolicy, part: Part, isThreaded: Bool, architecture: Architecture = .native
    ) throws(TalkootError) {
        switch part {
        case .loading: try self.init(otherwise: Self.trap, policy.loadingLines(isThreaded: isThreaded), architecture)
        case .template: try self.init(otherwise: Self.trap, policy.templateLines(isThreaded: isThreaded), architecture)
        case .copy: try self.init(otherwise: Self.allow, policy.copyLines(isThreaded: isThreaded), architecture)
        case .running:
            let rules = policy.rules.filter { $0.scope == .loading && $0.answer == .allow }
            try self.init(otherwise: Self.allow, rules.map { FilterLine($0, Self.trap) }, architecture)
        }
    }

    private init(otherwise: UInt32, _ lines: [FilterLine], _ architecture: Architecture) throws(TalkootError) {
        guard let filter = seccomp_init(otherwise) else {
            throw TalkootError(.internalError, "libseccomp has no memory for a filter")
        }
        defer { seccomp_release(filter) }
        if architecture != .native {
            try Self.check(seccomp_arch_add(filter, architecture.token), architecture.rawValue)
            try Self.check(seccomp_arch_remove(filter, Architecture.native.token), Architecture.native.rawValue)
        }
        try Self.check(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, Self.killProcess), "foreign architectures")
        // A tree instead of a list: a futex costs a quarter. Older than 2.5 does not know it.
        _ = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2)
        for line in lines {
            for call in line.calls where architecture.number(of: call) != nil {
                for comparisons in line.alternatives { try Self.add(line.action, call, comparisons, to: filter) }
            }
        }
        bytes = try Self.export(filter)
    }

    /// Adds one rule. libseccomp wants the native number and finds the other architecture's by its name.
    private static func add(
        _ action: UInt32, _ call: String, _ comparisons: [scmp_arg_cmp], to filter: scmp_filter_ctx
    ) throws(TalkootError) {
        let number = seccomp_syscall_resolve_name(call)
        let code = comparisons.withUnsafeBufferPointer { buffer in
            seccomp_rule_add_array(filter, action, number, UInt32(buffer.count), buffer.baseAddress)
        }
        try check(code, call)
    }

    private static func export(_ filter: scmp_filter_ctx) throws(TalkootError) -> [UInt8] {
        let file = talkoot_memory_scratch()
        guard file >= 0 else { throw TalkootError(.internalError, "a memory file cannot be made: \(SystemMessage.text(-file))") }
        defer { close(file) }
        try check(seccomp_export_bpf(filter, file), "export")
        let size = Int(lseek(file, 0, SEEK_END))
        guard size > 0, size % instructionBytes == 0, size / instructionBytes <= instructionLimit else {
            throw TalkootError(.internalError, "the system call filter has \(size) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: size)
        guard pread(file, &bytes, size, 0) == size else { throw TalkootError(.internalError, "the system call filter cannot be read") }
        return bytes
    }

    private static func check(_ code: Int32, _ subject: String) throws(TalkootError) {
        guard code < 0 else { return }
        throw TalkootError(.internalError, "libseccomp refuses the rule for \(subject): \(SystemMessage.text(-code))")
    }

    /// SCMP_ACT_TRAP, which Swift does not import because it is a cast.
    static let trap: UInt32 = 0x0003_0000
    /// SCMP_ACT_ALLOW.
    static let allow: UInt32 = 0x7fff_0000
    /// SCMP_ACT_KILL_PROCESS.
    static let killProcess: UInt32 = 0x8000_0000
}
