import TalkootCore
import TalkootScheduling

/// `--verify`: how results are verified, as people write it.
enum VerificationText {
    /// What it stands for.
    typealias Level = VerificationPolicy.Level

    /// The level of that name.
    ///
    /// - Throws: ``TalkootError`` `usage` when there is none.
    static func level(_ text: String) throws(TalkootError) -> VerificationPolicy.Level {
        guard let level = VerificationPolicy.Level(rawValue: text) else {
            throw TalkootError(.usage, "--verify \(text) is no level", remedy: "give none, audit, strict or triple")
        }
        return level
    }
}
