/// A version after semver.org without build metadata: `1.2.0`, `2.0.0-beta.1`.
public struct SemanticVersion: Hashable, Comparable, Sendable, LosslessStringConvertible {
    /// Grows when something incompatible changes.
    public let major: Int
    /// Grows when something is added.
    public let minor: Int
    /// Grows when something is mended.
    public let patch: Int
    /// The dot-separated identifiers after the hyphen; empty for a release.
    public let prerelease: [String]

    /// Reads `MAJOR.MINOR.PATCH[-IDENTIFIERS]`, at most 64 characters; `nil` for anything else.
    public init?(_ description: String) {
        guard description.utf8.count <= 64 else { return nil }
        let halves = description.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
        guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else { return nil }
        (self.major, self.minor, self.patch) = (major, minor, patch)
        guard halves.count == 2 else {
            prerelease = []
            return
        }
        prerelease = halves[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard prerelease.allSatisfy(Self.isIdentifier) else { return nil }
    }

    /// The form that ``init(_:)`` reads.
    public var description: String {
        let release = "\(major).\(minor).\(patch)"
        return prerelease.isEmpty ? release : release + "-" + prerelease.joined(separator: ".")
    }

    /// Precedence after semver.org, section 11: a pre-release comes before its release.
    public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        let leftNumbers = [left.major, left.minor, left.patch]
        let rightNumbers = [right.major, right.minor, right.patch]
        if leftNumbers != rightNumbers { return leftNumbers.lexicographicallyPrecedes(rightNumbers) }
        if left.prerelease.isEmpty || right.prerelease.isEmpty { return !left.prerelease.isEmpty && right.prerelease.isEmpty }
        return left.prerelease.lexicographicallyPrecedes(right.prerelease, by: precedes)
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        switch (Int(left), Int(right)) {
        case (let left?, let right?): left < right
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): left < right
        }
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.count <= 9, text == "0" || text.first != "0" else { return nil }
        return text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 }
    }
}

extension SemanticVersion: Codable {
    /// Reads the written form.
    ///
    /// - Throws: `DecodingError.dataCorrupted` when the text is no semantic version.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let version = SemanticVersion(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a version is MAJOR.MINOR.PATCH")
        }
        self = version
    }

    /// Writes the written form.
    ///
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
