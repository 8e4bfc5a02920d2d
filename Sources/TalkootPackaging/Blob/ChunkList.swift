public import TalkootCore

/// The digests of a blob's chunks, and with them its name: whoever holds the name accepts no other list, and by the list no other byte.
///
/// The name is the SHA-256 of the list's bytes: 16 bytes of text, the blob's size (u64, big endian), then 32 bytes a chunk. The size
/// decides how the blob is cut, so a name stands for one content and one cut.
public struct ChunkList: Hashable, Sendable {
    /// How the blob is cut.
    public let layout: ChunkLayout
    /// The list as it travels and as it is named.
    public let bytes: [UInt8]

    private static let heading = Array("talkoot chunks 1".utf8)
    private static let prefixBytes = 24

    /// How many bytes the list of a layout has.
    public static func byteCount(_ layout: ChunkLayout) -> UInt64 { UInt64(prefixBytes + Digest.byteCount * layout.count) }

    /// Hashes a blob, of which `read` gives chunk by chunk. Costs a pass over it.
    ///
    /// - Throws: what `read` throws.
    public init(_ layout: ChunkLayout, read: (Range<UInt64>) throws(TalkootError) -> [UInt8]) throws(TalkootError) {
        self.layout = layout
        var bytes = Self.prefix(layout)
        bytes.reserveCapacity(Int(Self.byteCount(layout)))
        for chunk in 0..<layout.count { bytes += Hashing.sha256(try read(layout.range(of: chunk))).bytes }
        self.bytes = bytes
    }

    /// Takes a list from anybody; `nil` unless it is the one with that name, for a blob of that layout.
    public init?(_ bytes: [UInt8], name: Digest, layout: ChunkLayout) {
        guard UInt64(bytes.count) == Self.byteCount(layout), bytes.starts(with: Self.prefix(layout)), Hashing.sha256(bytes) == name else {
            return nil
        }
        (self.layout, self.bytes) = (layout, bytes)
    }

    /// The blob's name.
    public var name: Digest { Hashing.sha256(bytes) }

    /// Whether these are the bytes of that chunk.
    public func verifies(_ content: [UInt8], of chunk: Int) -> Bool {
        guard UInt64(content.count) == UInt64(layout.range(of: chunk).count) else { return false }
        let start = Self.prefixBytes + Digest.byteCount * chunk
        return Hashing.sha256(content).bytes.elementsEqual(bytes[start..<start + Digest.byteCount])
    }

    private static func prefix(_ layout: ChunkLayout) -> [UInt8] {
        heading + (0..<8).map { UInt8(truncatingIfNeeded: layout.sizeBytes >> UInt64(56 - 8 * $0)) }
    }
}
