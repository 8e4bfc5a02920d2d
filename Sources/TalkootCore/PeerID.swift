/// The name of a peer: the SHA-256 of its public key (SubjectPublicKeyInfo, DER).
///
/// Written `tk1` followed by eight groups of seven base32 characters (RFC 4648 alphabet, lower case) joined by hyphens:
/// in each group of two lines' worth, 13 characters carry the key and one is a Luhn check character, the layout that
/// Syncthing's device ids made familiar. It names the key, so a certificate may be renewed without a new name.
public struct PeerID: Hashable, Comparable, Sendable, LosslessStringConvertible {
    /// The digest of the public key.
    public let digest: Digest

    /// Names the peer whose public key has this digest.
    public init(digest: Digest) { self.digest = digest }

    /// Reads the written form, in either case and with or without hyphens; `nil` when a check character is wrong.
    public init?(_ description: String) {
        let lower = description.lowercased()
        guard lower.hasPrefix(Self.prefix) else { return nil }
        let characters = lower.utf8.dropFirst(Self.prefix.utf8.count).filter { $0 != UInt8(ascii: "-") }
        guard characters.count == 56 else { return nil }
        var values: [UInt8] = []
        for start in stride(from: 0, to: 56, by: 14) {
            let group = characters[start..<start + 14].compactMap { Self.alphabet.firstIndex(of: $0).map(UInt8.init) }
            guard group.count == 14, Self.check(group.dropLast()) == group[13] else { return nil }
            values += group.dropLast()
        }
        guard let bytes = Self.bytes(of: values), let digest = Digest(bytes: bytes) else { return nil }
        self.digest = digest
    }

    /// `tk1` and the grouped base32 text with its check characters: 66 characters.
    public var description: String {
        let values = Self.values(of: digest.bytes)
        var checked: [UInt8] = []
        for start in stride(from: 0, to: 52, by: 13) {
            let group = values[start..<start + 13]
            checked += group
            checked.append(Self.check(group))
        }
        let text = checked.map { Self.alphabet[Int($0)] }
        let groups = stride(from: 0, to: 56, by: 7).map { String(decoding: text[$0..<$0 + 7], as: UTF8.self) }
        return Self.prefix + groups.joined(separator: "-")
    }

    /// The prefix and the first group: enough for a person to tell two apart.
    public var short: String { String(description.prefix(10)) }

    /// Orders peers by digest; it means nothing more.
    public static func < (left: PeerID, right: PeerID) -> Bool { left.digest < right.digest }

    private static let prefix = "tk1"
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// Luhn's check value in base 32, weights 1 and 2 from the left.
    private static func check(_ values: some Collection<UInt8>) -> UInt8 {
        var sum = 0
        for (position, value) in values.enumerated() {
            let weighted = Int(value) * (position % 2 + 1)
            sum += weighted / 32 + weighted % 32
        }
        return UInt8((32 - sum % 32) % 32)
    }

    /// 32 bytes as 52 five-bit values, the last padded with four zero bits.
    private static func values(of bytes: [UInt8]) -> [UInt8] {
        var values: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                values.append(UInt8(bits >> UInt32(count) & 31))
            }
        }
        values.append(UInt8(bits << UInt32(5 - count) & 31))
        return values
    }

    /// The inverse of `values(of:)`; `nil` when a padding bit is set.
    private static func bytes(of values: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for value in values {
            bits = bits << 5 | UInt32(value)
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bits & 15 == 0 ? bytes : nil
    }
}

extension PeerID: Codable {
    /// Reads the written form.
    ///
    /// - Throws: `DecodingError.dataCorrupted` when the text is no peer id.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let peer = PeerID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a peer id")
        }
        self = peer
    }

    /// Writes the written form.
    ///
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
