import Glibc
import NIOCore
import NIOSSL
import TalkootCore
import TalkootProtocol

/// TLS 1.3 as peers use it: a name is a key, certificates only carry it.
///
/// The callback of a handshake checks that there is exactly one certificate; it does not run when a session is resumed, so all
/// else is checked by ``authorise(_:pin:)`` after every handshake.
struct PeerTLS: Sendable {
    private let server: NIOSSLContext?
    private let client: NIOSSLContext

    /// The SubjectPublicKeyInfo of every P-256 key begins with these bytes and is 91 bytes long.
    private static let p256Prefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
        0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]
    private static let p256Bytes = 91

    /// Prepares both roles; without an identity only the client's.
    ///
    /// - Throws: ``TalkootError`` with code `internal` when the library refuses.
    init(identity: PeerIdentity?) throws(TalkootError) {
        do {
            var client = TLSConfiguration.makeClientConfiguration()
            Self.harden(&client)
            client.certificateVerification = .noHostnameVerification
            if let identity {
                client.certificateChain = [.certificate(identity.certificate)]
                client.privateKey = .privateKey(identity.key)
                var server = TLSConfiguration.makeServerConfiguration(
                    certificateChain: [.certificate(identity.certificate)], privateKey: .privateKey(identity.key))
                Self.harden(&server)
                server.certificateVerification = .optionalVerification
                self.server = try NIOSSLContext(configuration: server)
            } else {
                server = nil
            }
            self.client = try NIOSSLContext(configuration: client)
        } catch {
            throw TalkootError(.internalError, "TLS cannot be set up: \(error)")
        }
    }

    private static func harden(_ configuration: inout TLSConfiguration) {
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .certificates([])
        configuration.applicationProtocols = [ConnectionMachine.applicationProtocol]
    }

    /// The handler of an accepted connection; `nil` without an identity.
    func serverHandler() -> NIOSSLServerHandler? {
        server.map { NIOSSLServerHandler(context: $0, customVerificationCallback: Self.verifyShape) }
    }

    /// The handler of a dialled connection.
    ///
    /// - Throws: what the library throws.
    func clientHandler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: client, serverHostname: nil, customVerificationCallback: Self.verifyShape)
    }

    private static func verifyShape(_ chain: [NIOSSLCertificate], _ promise: EventLoopPromise<NIOSSLVerificationResult>) {
        promise.succeed(chain.count == 1 ? .certificateVerified : .failed)
    }

    /// Checks a peer's certificate: in date, a P-256 key, the pinned one. Gives the key's name.
    ///
    /// - Throws: ``TalkootError`` with code `refused`.
    static func authorise(_ certificate: NIOSSLCertificate, pin: PeerID? = nil, now: time_t = time(nil)) throws(TalkootError) -> PeerID {
        guard certificate.notValidBefore <= now, now <= certificate.notValidAfter else {
            throw TalkootError(.refused, "the peer's certificate is out of date", remedy: "check the clocks of both machines")
        }
        guard let publicKey = try? certificate.extractPublicKey().toSPKIBytes(), publicKey.count == p256Bytes,
            publicKey.starts(with: p256Prefix)
        else { throw TalkootError(.refused, "the peer's key is not a P-256 key", remedy: "make an identity with talkoot identity") }
        let peer = PeerID(publicKey: publicKey)
        if let pin, pin != peer {
            throw TalkootError(
                .refused, "the peer proves to be \(peer), not the pinned \(pin)",
                remedy: "make sure that you are talking to the right machine before you change the pin")
        }
        return peer
    }
}
