import Crypto
import Glibc

/// An X.509 certificate (RFC 5280, version 3) of a P-256 key by itself: TLS wants one, this protocol only looks at the key.
///
/// It is made anew at every start, since the peer's name is that of the key.
enum SelfSignedCertificate {
    /// How long a certificate holds, in days: twenty years.
    static let days = 7_305

    /// The certificate's DER, valid from a day before `now` (seconds since 1970) on.
    ///
    /// - Throws: what the signature throws.
    static func der(for key: P256.Signing.PrivateKey, now: Int) throws -> [UInt8] {
        var serial = (0..<16).map { _ in UInt8.random(in: 0...255) }
        serial[0] = serial[0] & 0x7F | 0x40
        let name = DER.sequence(DER.set(DER.sequence(DER.commonName, DER.element(0x0C, Array("talkoot".utf8)))))
        let validity = DER.sequence(DER.time(now - 86_400), DER.time(now + days * 86_400))
        let constraints = DER.sequence(DER.basicConstraints, DER.element(0x01, [0xFF]), DER.element(0x04, DER.sequence()))
        let content = DER.sequence(
            DER.element(0xA0, DER.element(0x02, [2])), DER.element(0x02, serial), DER.sequence(DER.ecdsaWithSHA256), name, validity, name,
            Array(key.publicKey.derRepresentation), DER.element(0xA3, DER.sequence(constraints)))
        let signature = try key.signature(for: content).derRepresentation
        return DER.sequence(content, DER.sequence(DER.ecdsaWithSHA256), DER.element(0x03, [0] + signature))
    }
}

/// As much of the distinguished encoding rules (X.690) as a certificate needs.
private enum DER {
    static let commonName: [UInt8] = [0x06, 0x03, 0x55, 0x04, 0x03]
    static let basicConstraints: [UInt8] = [0x06, 0x03, 0x55, 0x1D, 0x13]
    static let ecdsaWithSHA256: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]

    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case 0..<128: [tag, UInt8(content.count)] + content
        case 128..<256: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8 & 255), UInt8(content.count & 255)] + content
        }
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts.flatMap(\.self)) }

    static func set(_ part: [UInt8]) -> [UInt8] { element(0x31, part) }

    /// UTCTime until 2049, GeneralizedTime after, as RFC 5280 wants it.
    static func time(_ seconds: Int) -> [UInt8] {
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        let year = Int(parts.tm_year) + 1900
        let rest = [Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
        let text = ([year % 100] + rest).map { $0 < 10 ? "0\($0)" : "\($0)" }.joined() + "Z"
        return year < 2050 ? element(0x17, Array(text.utf8)) : element(0x18, Array("\(year / 100)\(text)".utf8))
    }
}
