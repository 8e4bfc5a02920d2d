/// How a blob is cut into chunks: its size alone decides, so that nobody can be told otherwise.
public struct ChunkLayout: Hashable, Sendable {
    /// The smallest chunk, in bytes.
    public static let leastChunkBytes: UInt64 = 128 << 10
    /// The largest chunk, in bytes: one `fetch`.
    public static let mostChunkBytes: UInt64 = 1 << 20
    /// How many chunks are aimed at.
    public static let wantedChunks: UInt64 = 1024
    /// The most chunks of a blob, so that its list of digests is one `fetch`, too: blobs of up to 31 GiB.
    public static let mostChunks: UInt64 = 32_000

    /// The blob's size, in bytes.
    public let sizeBytes: UInt64
    /// The size of each chunk but the last, in bytes: a power of two.
    public let chunkBytes: UInt64

    /// The layout of a blob of that size; `nil` for an empty one and for one that has too many chunks.
    public init?(sizeBytes: UInt64) {
        var chunkBytes = Self.leastChunkBytes
        while chunkBytes < Self.mostChunkBytes, sizeBytes / chunkBytes >= Self.wantedChunks { chunkBytes *= 2 }
        guard sizeBytes > 0, (sizeBytes - 1) / chunkBytes < Self.mostChunks else { return nil }
        (self.sizeBytes, self.chunkBytes) = (sizeBytes, chunkBytes)
    }

    /// How many chunks there are, at least 1.
    public var count: Int { Int((sizeBytes - 1) / chunkBytes) + 1 }

    /// The bytes of a chunk.
    public func range(of chunk: Int) -> Range<UInt64> {
        let start = UInt64(chunk) * chunkBytes
        return start..<min(sizeBytes, start + chunkBytes)
    }

    /// The chunk that lies at exactly these bytes; `nil` when none does.
    public func chunk(at range: Range<UInt64>) -> Int? {
        guard range.lowerBound % chunkBytes == 0, range.lowerBound < sizeBytes else { return nil }
        let chunk = Int(range.lowerBound / chunkBytes)
        return self.range(of: chunk) == range ? chunk : nil
    }

    /// The chunks that hold these bytes, which must lie inside the blob.
    public func chunks(in range: Range<UInt64>) -> Range<Int> {
        guard !range.isEmpty else { return 0..<0 }
        return Int(range.lowerBound / chunkBytes)..<Int((range.upperBound - 1) / chunkBytes) + 1
    }

    /// The chunks all of whose bytes are among these.
    public func wholeChunks(in range: Range<UInt64>) -> Range<Int> {
        let first = Int((range.lowerBound + chunkBytes - 1) / chunkBytes)
        let end = range.upperBound >= sizeBytes ? count : Int(range.upperBound / chunkBytes)
        return first..<max(first, end)
    }
}
