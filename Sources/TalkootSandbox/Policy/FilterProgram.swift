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

    /// The filter of a stage, for this machine or for another.
    ///
    /// The first stage's makes what its lines say and stops everything else. The second stage's is put on top of it, and the kernel does
    /// what the stricter one says, so that it only stops what the first one allows for loading: short, and quick to load.
    /// - Throws: ``TalkootError`` `internalError` when libseccomp refuses a rule.
    init(
        _ policy: SystemCallPolicy, stage: SystemCallPolicy.Stage, isThreaded: Bool, architecture: Architecture = .native
    ) throws(TalkootError) {
        switch stage {
        case .loading:
            let rules = policy.rules(stage: .loading, isThreaded: isThreaded)
            try self.init(otherwise: Self.trap, rules.compactMap { rule in rule.answer.action.map { (rule, $0) } }, architecture)
        case .running:
            let rules = policy.rules.filter { $0.scope == .loading && $0.answer == .allow }
            try self.init(otherwise: Self.allow, rules.map { ($0, Self.trap) }, architecture)
        }
    }

    private init(
        otherwise: UInt32, _ rules: [(rule: SystemCallRule, action: UInt32)], _ architecture: Architecture
    ) throws(TalkootError) {
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
        for (rule, action) in rules {
            for call in rule.calls where architecture.number(of: call) != nil {
                for patterns in rule.alternatives { try Self.add(action, call, patterns, to: filter) }
            }
        }
        bytes = try Self.export(filter)
    }

    /// Adds one rule. libseccomp wants the native number and finds the other architecture's by its name.
    private static func add(
        _ action: UInt32, _ call: String, _ patterns: [ArgumentPattern], to filter: scmp_filter_ctx
    ) throws(TalkootError) {
        let comparisons = patterns.map { pattern in
            scmp_arg_cmp(arg: pattern.argument, op: SCMP_CMP_MASKED_EQ, datum_a: pattern.mask, datum_b: pattern.value)
        }
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

extension SystemCallAnswer {
    /// What the filter returns, as the kernel and libseccomp write it; nil where that is what it does anyway.
    fileprivate var action: UInt32? {
        switch self {
        case .allow: FilterProgram.allow
        case .error(let error): 0x0005_0000 | UInt32(error.rawValue)
        case .handler: nil
        }
    }
}
