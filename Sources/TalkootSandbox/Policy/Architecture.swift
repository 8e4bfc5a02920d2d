import CSeccomp
import Glibc

/// A processor architecture that filters are made for. Every one has its own numbers for the system calls.
enum Architecture: String, CaseIterable, Sendable {
    case x86 = "x86-64"
    case arm = "aarch64"

    /// The one that this program runs on.
    static var native: Architecture { seccomp_arch_native() == Self.arm.token ? .arm : .x86 }

    /// AUDIT_ARCH_..., as the kernel tells it to a filter.
    var token: UInt32 {
        switch self {
        case .x86: 0xc000_003e
        case .arm: 0xc000_00b7
        }
    }

    /// The number of a system call; nil when the architecture does not have it, or libseccomp does not know it yet.
    func number(of call: String) -> Int32? {
        let number = seccomp_syscall_resolve_name_arch(token, call)
        return number >= 0 ? number : nil
    }

    /// The name of a system call; nil when there is none with this number.
    func name(of number: Int32) -> String? {
        guard let name = seccomp_syscall_resolve_num_arch(token, number) else { return nil }
        defer { free(name) }
        return String(cString: name)
    }
}
