import Foundation
import NIOSSL
import Synchronization
import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootPeer

/// A client that shares no code with this one: Python's ssl module, which can resume sessions.
@Suite(.timeLimit(.minutes(2)), .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
struct PythonClientTests {
    private static let script = """
        import socket, ssl, sys
        port, ask = int(sys.argv[1]), b'{"type":"get","content":"modlist"}\\n'
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if len(sys.argv) > 2: context.load_cert_chain(sys.argv[2])
        session = None
        for turn in range(3):
            plain = socket.create_connection(("127.0.0.1", port))
            with context.wrap_socket(plain, session=session) as secure:
                secure.sendall(ask)
                line = secure.makefile().readline().strip()
                session = secure.session
                print(secure.version(), secure.session_reused, line)
        """

    @concurrent
    private func run(_ arguments: [String]) async throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", Self.script] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func answering() -> Recorder {
        Recorder { event, connection in
            if case .message(.get) = event { connection.send(.getReply(Message.GetReply("no"))) }
            if case .message(.quit) = event { connection.close() }
        }
    }

    @Test("A plain client without certificate and without the protocol's name speaks lines in TLS")
    func plainClient() async throws {
        let network = PeerNetwork(identity: try .ephemeral(), logger: TestPeers.logger)
        let listener = try await network.listen(host: "127.0.0.1", port: 0) { _ in answering() }
        let lines = try await run(["\(listener.port)"])
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.hasPrefix("TLSv1.3") && $0.hasSuffix(#"{"type":"rget","response":"no"}"#) }, "\(lines)")
        await network.shutdown()
    }

    @Test("A peer that resumes its session is authorised again: banned in between, it is refused")
    func bannedThenResumed() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "talkoot-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let identity = try PeerIdentity.ephemeral()
        let chain = identity.exportPEM() + "\n" + Self.pem(of: try identity.certificate.toDERBytes())
        try chain.write(toFile: directory + "/chain.pem", atomically: true, encoding: .utf8)
        let seen = Mutex<[PeerID?]>([])
        let network = PeerNetwork(identity: try .ephemeral(), logger: TestPeers.logger)
        let listener = try await network.listen(
            host: "127.0.0.1", port: 0,
            admit: { remote in
                let count = seen.withLock { seen in
                    seen.append(remote.peer)
                    return seen.count
                }
                return count < 3 ? nil : TalkootError(.refused, "banned")
            }, makeHandler: { _ in answering() })
        let lines = try await run(["\(listener.port)", directory + "/chain.pem"])
        #expect(seen.withLock(\.self) == [identity.id, identity.id, identity.id])
        #expect(lines.count == 3 && lines[1].contains("True") && lines[2].contains("True"), "\(lines)")
        #expect(lines[1].hasSuffix(#"{"type":"rget","response":"no"}"#))
        #expect(lines[2].contains(#""code":"refused","reason":"banned""#))
        await network.shutdown()
    }

    private static func pem(of der: [UInt8]) -> String {
        let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
    }
}
