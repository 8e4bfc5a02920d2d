import TalkootCore

/// The hostile module's library, in which the attack to make is filled in: what attacks before its first unit has nobody to ask.
struct AttackLibrary: Sendable {
    private static let mark = Array("the chosen attack is: ".utf8)
    /// The fields of `struct hostile_choice`: the mark, the moment, the name.
    private static let momentAt = 24
    private static let nameAt = 40
    private static let nameBytes = 40

    private let bytes: [UInt8]
    private let place: Int

    /// - Throws: ``TalkootError`` `badData` when it is not the hostile module's library.
    init(_ bytes: [UInt8]) throws(TalkootError) {
        guard let place = Self.find(in: bytes), place + Self.nameAt + Self.nameBytes <= bytes.count else {
            throw TalkootError(
                .badData, "the library is not the hostile module's: nothing in it can be told what to attack",
                remedy: "build it with `make modules`")
        }
        self.bytes = bytes
        self.place = place
    }

    /// The library that makes one attack.
    func choosing(_ name: String, at moment: Attack.Moment) -> [UInt8] {
        var chosen = bytes
        for (offset, text) in [(Self.momentAt, moment.rawValue), (Self.nameAt, name)] {
            for (index, byte) in text.utf8.prefix(Self.nameBytes - 1).enumerated() { chosen[place + offset + index] = byte }
        }
        return chosen
    }

    private static func find(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        return bytes.withUnsafeBufferPointer { buffer in
            (0...buffer.count - mark.count).first { start in
                buffer[start] == mark[0] && mark.indices.allSatisfy { buffer[start + $0] == mark[$0] }
            }
        }
    }
}
