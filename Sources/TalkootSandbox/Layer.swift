import Glibc
import TalkootCore

/// A layer in words: what it is for, why it is missing, and what its owner can do about it.
struct Layer {
    /// A step of confinement that failed.
    typealias Fault = (step: UInt32, error: Int32)

    var bit: LayerSet
    var name: String
    var purpose: String
    private var isRoot: Bool

    static func all(isRoot: Bool) -> [Layer] {
        [
            Layer(bit: .namespaces, name: "namespaces", purpose: "no files, network, processes or host name to see", isRoot: isRoot),
            Layer(
                bit: isRoot ? .ownUser : .userNamespace, name: "own user", purpose: "no rights of the account that runs talkoot",
                isRoot: isRoot),
            Layer(
                bit: .landlock, name: "landlock", purpose: "no access to files and ports, whatever else fails", isRoot: isRoot),
            Layer(
                bit: .limits, name: "limits", purpose: "bounded memory, processor time, descriptors; no core files", isRoot: isRoot),
            Layer(
                bit: .filter, name: "system call filter", purpose: "about forty of the kernel's calls, no others", isRoot: isRoot),
        ]
    }

    func report(active: LayerSet, faults: [LayerSet: Fault]) -> LayerReport {
        if active.contains(bit) { return LayerReport(name: name, purpose: purpose, isActive: true) }
        guard let fault = faults.first(where: { $0.key.contains(bit) })?.value else {
            return LayerReport(name: name, purpose: purpose, isActive: false, reason: "not tried", remedy: "see the other layers")
        }
        let reason = "\(ConfinementStep.name(fault.step)): \(SystemMessage.text(fault.error))"
        return LayerReport(name: name, purpose: purpose, isActive: false, reason: reason, remedy: remedy(fault))
    }

    private func remedy(_ fault: Fault) -> String {
        switch bit {
        case .ownUser: "grant CAP_SETUID, CAP_SETGID and CAP_SETPCAP, or run talkoot as an ordinary user"
        case .landlock:
            fault.error == EPERM
                ? "allow the landlock calls in the container's seccomp profile"
                : "use Linux 5.13 or later with `landlock` among the kernel's security modules (`lsm=`)"
        case .limits: "mount /proc, and lift what forbids setrlimit"
        case .filter: "use a kernel with CONFIG_SECCOMP_FILTER, and a container that allows seccomp"
        default: namespaceRemedy(fault)
        }
    }

    /// Namespaces are refused in many ways, and each has another cure.
    private func namespaceRemedy(_ fault: Fault) -> String {
        switch (fault.error, ConfinementStep.isNamespaceMade(fault.step)) {
        case (ENOSPC, _), (EUSERS, _):
            "raise `sysctl user.max_user_namespaces` and the other `user.max_*_namespaces`: one of them is used up"
        case (ENOSYS, _), (EINVAL, _): "use a kernel with user, pid, net, ipc, mount, uts and cgroup namespaces"
        case _ where isRoot: "grant CAP_SYS_ADMIN, or run talkoot as an ordinary user"
        case (_, false):
            "allow user namespaces: `sysctl kernel.unprivileged_userns_clone=1`; "
                + "in a container, a seccomp profile that allows unshare and clone"
        case (_, true):
            "on Ubuntu 23.10 or later load talkoot's AppArmor profile: `apparmor_parser -r /etc/apparmor.d/talkoot`, "
                + "which `make install` puts there; in a container, allow mount"
        }
    }
}
