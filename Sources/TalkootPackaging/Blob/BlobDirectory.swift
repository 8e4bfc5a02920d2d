import Glibc
public import TalkootCore

/// Where a volunteer keeps blobs of jobs under way, within a size. What is not of a running job is removed when room is needed, the
/// oldest first, and in any case after a day.
public struct BlobDirectory: Sendable {
    /// Where.
    public var path: String
    /// How much all blobs together may take, in bytes, counted as if each were complete.
    public var limitBytes: UInt64

    /// How long a blob is kept that no job uses, in nanoseconds: a volunteer that was killed finds its part of a job again.
    private static let keptNanoseconds: Int64 = 24 * 3600 * 1_000_000_000
    private static let names = 4096

    /// Names the place.
    public init(path: String, limitBytes: UInt64) {
        self.path = path
        self.limitBytes = limitBytes
    }

    /// Makes room for a blob of that size beside those in use.
    ///
    /// - Returns: whether there is room.
    public func makeRoom(for name: Digest, sizeBytes: UInt64, besides inUse: [Digest: UInt64]) -> Bool {
        let taken = inUse.filter { $0.key != name }.values.reduce(sizeBytes) { $0.addingReportingOverflow($1).partialValue }
        guard taken <= limitBytes else { return false }
        var idle = kept().filter { inUse[$0.name] == nil && $0.name != name }.sorted { $0.changed < $1.changed }
        var total = idle.reduce(taken) { $0 + $1.bytes }
        let oldest = Self.now() - Self.keptNanoseconds
        while let first = idle.first, total > limitBytes || first.changed < oldest {
            PartialBlob.remove(name: first.name, directory: path)
            total -= first.bytes
            idle.removeFirst()
        }
        return true
    }

    private func kept() -> [(name: Digest, bytes: UInt64, changed: Int64)] {
        let names = (try? Files.names(in: path, limit: Self.names)) ?? []
        return names.filter { $0.hasSuffix(".map") }.compactMap { file in
            guard let name = Digest(String(file.dropLast(4))) else { return nil }
            var status = stat()
            let isThere = [".part", ".blob"].contains { stat("\(path)/\(name)\($0)", &status) == 0 }
            return (name, isThere ? UInt64(max(0, status.st_blocks)) * 512 : 0, Files.changed("\(path)/\(file)") ?? 0)
        }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
