package import NIOCore

/// What the first bytes of a connection say about the rest.
package enum Preface: Hashable, Sendable {
    /// Not enough bytes to tell.
    case undecided
    /// A TLS handshake: decide again inside.
    case tls
    /// JSON lines; the bytes belong to the first of them.
    case lines
    /// Frames, after these 8 bytes.
    case frames(major: UInt8)
    /// Something else.
    case unknown

    /// 0xFE never occurs in UTF-8, so no text begins like this.
    static let magic: [UInt8] = [0xFE, 0x54, 0x4C, 0x4B]
    static let byteCount = 8
    static let major: UInt8 = 1
    static let minor: UInt8 = 0

    /// Looks at the first bytes without consuming them.
    package static func decide(_ bytes: ByteBuffer) -> Preface {
        guard let first = bytes.readableBytesView.first else { return .undecided }
        switch first {
        case 0x16: return .tls
        case UInt8(ascii: "{"), 0x20, 0x09, 0x0A, 0x0D: return .lines
        case magic[0]:
            guard bytes.readableBytesView.prefix(magic.count).elementsEqual(magic.prefix(bytes.readableBytes)) else { return .unknown }
            guard bytes.readableBytes >= byteCount else { return .undecided }
            return .frames(major: bytes.readableBytesView[bytes.readableBytesView.startIndex + magic.count])
        default: return .unknown
        }
    }

    /// Magic, major, minor, and 16 flag bits, of which none has a meaning yet.
    static func write(into buffer: inout ByteBuffer) {
        buffer.writeBytes(magic)
        buffer.writeMultipleIntegers(major, minor, UInt16(0))
    }
}
