import Glibc
import TalkootCore
import TalkootPackaging

/// One thing that `talkoot doctor` looked at.
struct MachineFinding: Sendable, Hashable {
    /// What it is.
    var name: String
    /// Whether it is as it should be.
    var isGood: Bool
    /// What was found.
    var detail: String
    /// What to do; empty when nothing.
    var remedy: String
}

/// What `talkoot doctor` looks at besides confinement.
enum MachineFindings {
    /// Free disk below which jobs may fail, in bytes.
    static let diskBytes: UInt64 = 1 << 30
    /// Free memory below which a cell may fail, in bytes.
    static let memoryBytes: UInt64 = 256 << 20

    /// Everything, in the order it is printed.
    static func all(home: Home) -> [MachineFinding] {
        [processors(), memory(), disk(home), compiler("clang", "C"), compiler("swiftc", "Swift"), sdk(), modules(home)]
    }

    private static func processors() -> MachineFinding {
        let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return MachineFinding(
            name: "processors", isGood: count > 0, detail: "\(count), \(HostPlatform.current.names.first ?? "unknown platform")", remedy: ""
        )
    }

    private static func memory() -> MachineFinding {
        let text = (try? FileBytes.read("/proc/meminfo", limit: 64 << 10)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let free = line?.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 } ?? 0
        let isGood = free >= memoryBytes
        return MachineFinding(
            name: "memory", isGood: isGood, detail: "\(NumberText.size(free)) available", remedy: isGood ? "" : "end other programs")
    }

    private static func disk(_ home: Home) -> MachineFinding {
        var status = statvfs()
        guard statvfs(home.directory, &status) == 0 else {
            return MachineFinding(
                name: "disk", isGood: false, detail: "\(home.directory): \(SystemText.reason())", remedy: "check the disk")
        }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let isGood = free >= diskBytes
        return MachineFinding(
            name: "disk", isGood: isGood, detail: "\(NumberText.size(free)) free for \(home.directory)",
            remedy: isGood ? "" : "make room, or give --home another place")
    }

    private static func compiler(_ program: String, _ language: String) -> MachineFinding {
        let folders = (Screen.environment("PATH") ?? "").split(separator: ":")
        if let folder = folders.first(where: { access("\($0)/\(program)", X_OK) == 0 }) {
            return MachineFinding(name: "\(language) compiler", isGood: true, detail: "\(folder)/\(program)", remedy: "")
        }
        return MachineFinding(
            name: "\(language) compiler", isGood: false, detail: "no \(program) in PATH: modules run, but cannot be built here",
            remedy: "install Swift 6.3, which brings clang and swiftc")
    }

    private static func sdk() -> MachineFinding {
        do throws(TalkootError) {
            return MachineFinding(name: "module SDK", isGood: true, detail: try ModuleSDK.locate().headers, remedy: "")
        } catch {
            return MachineFinding(name: "module SDK", isGood: false, detail: error.message, remedy: error.remedy)
        }
    }

    private static func modules(_ home: Home) -> MachineFinding {
        do throws(TalkootError) {
            let names = Set(try home.moduleStore.list().map(\.manifest.name)).sorted()
            return MachineFinding(
                name: "modules", isGood: !names.isEmpty, detail: names.isEmpty ? "none" : names.joined(separator: ", "),
                remedy: names.isEmpty ? "pack one with `talkoot module pack DIRECTORY`" : "")
        } catch {
            return MachineFinding(name: "modules", isGood: false, detail: error.message, remedy: error.remedy)
        }
    }
}
