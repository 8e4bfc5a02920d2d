import Glibc
import TalkootCore

@testable import TalkootPackaging

/// A reader of what strangers publish, with what must hold whatever they do. `Fuzz` runs them under libFuzzer, and tests run what that found.
enum PackageParser: String, CaseIterable {
    /// A module's library, before it is loaded anywhere.
    case elf
    /// A package's archive.
    case archive
    /// A package's manifest.
    case manifest
    /// An author's manifest.
    case yaml

    /// Reads the bytes.
    ///
    /// - Returns: what did not hold; nil when all is well. What is worse ends the process.
    func fault(reading bytes: [UInt8]) -> String? {
        switch self {
        case .elf: Self.elfFault(bytes)
        case .archive: Self.archiveFault(bytes)
        case .manifest: Self.manifestFault(bytes)
        case .yaml: Self.yamlFault(bytes)
        }
    }

    /// A library is admitted, or refused with what to do, and the same each time.
    private static func elfFault(_ bytes: [UInt8]) -> String? {
        let report = AdmissionReport.examine(bytes, platform: "x86_64-linux-gnu", host: nil)
        if !report.isAdmitted, report.refusal?.remedy.isEmpty != false { return "refused without a remedy: \(report.lines)" }
        return AdmissionReport.examine(bytes, platform: "x86_64-linux-gnu", host: nil).checks == report.checks ? nil : "two reports differ"
    }

    /// The bytes as they are, and with the sums of tar's headers made right, so that damage gets past them.
    private static func archiveFault(_ bytes: [UInt8]) -> String? {
        var mended = bytes
        for start in stride(from: 0, through: bytes.count - 512, by: 512) { mendSum(of: start, &mended) }
        return packageFault(bytes) ?? (mended == bytes ? nil : packageFault(mended))
    }

    /// Entries have the names and at most the sizes that packages have, no name comes twice, and all of it was in the file.
    private static func packageFault(_ bytes: [UInt8]) -> String? {
        guard let path = file(bytes) else { return "no file" }
        var names: Set<String> = []
        var total = 0
        do throws(TalkootError) {
            let archive = try ArchiveReader(path: path)
            while let entry = try archive.next() {
                guard names.insert(entry.name).inserted else { return "\(entry.name) came twice" }
                guard !entry.name.contains(".."), !entry.name.hasPrefix("/") else { return "the name \(entry.name)" }
                total += try archive.content(of: entry).count
                guard total <= bytes.count else { return "\(total) bytes of \(bytes.count)" }
            }
        } catch {
            return error.remedy.isEmpty ? "refused without a remedy: \(error)" : nil
        }
        return nil
    }

    /// The sum that a header of 512 bytes holds of itself.
    private static func mendSum(of start: Int, _ bytes: inout [UInt8]) {
        guard Array(bytes[start + 257..<start + 262]) == Array("ustar".utf8) else { return }
        for index in start + 148..<start + 156 { bytes[index] = 32 }
        var sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
        for index in (start + 148..<start + 154).reversed() {
            bytes[index] = 48 + UInt8(sum % 8)
            sum /= 8
        }
        bytes[start + 154] = 0
    }

    /// What is read is in its one canonical form.
    private static func manifestFault(_ bytes: [UInt8]) -> String? {
        guard let manifest = try? ManifestReader.json(bytes, file: "manifest.json") else { return nil }
        return CanonicalManifest.bytes(of: manifest) == bytes ? nil : "written again it is another manifest"
    }

    /// What is read can be written in the canonical form and read from it as the same.
    private static func yamlFault(_ bytes: [UInt8]) -> String? {
        guard let manifest = try? ManifestReader.yaml(bytes, file: "module.yaml") else { return nil }
        _ = try? ManifestReader.build(bytes, file: "module.yaml")
        let canonical = CanonicalManifest.bytes(of: manifest)
        guard canonical.count <= PackageLimits.manifestBytes else { return nil }
        do throws(TalkootError) {
            return try ManifestReader.json(canonical, file: "manifest.json") == manifest
                ? nil : "in the canonical form it is another manifest"
        } catch {
            return "the canonical form is refused: \(error)"
        }
    }

    /// One file in memory for all inputs, without a name: the reader is made for files.
    private static let place = {
        let name = "/talkoot-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { shm_unlink(name) }
        return shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
    }()

    private static func file(_ bytes: [UInt8]) -> String? {
        guard place >= 0, ftruncate(place, 0) == 0, pwrite(place, bytes, bytes.count, 0) == bytes.count else { return nil }
        return "/proc/self/fd/\(place)"
    }
}
