import TalkootCore
import TalkootPackaging

/// A login token: 256 random bits as 64 hexadecimal digits. Only its hash is kept.
struct LoginToken: Sendable {
    let text: String

    /// A fresh one.
    init() {
        var generator = SystemRandomNumberGenerator()
        text = Hexadecimal.text((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// What a peer sent.
    init(_ text: String) { self.text = text }

    /// The SHA-256 of its text.
    var hash: Digest { Hashing.sha256(Array(text.utf8)) }
}
