import Foundation
import NIOSSL
import TalkootCore
import Testing

@testable import TalkootPeer

struct PeerIdentityTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "talkoot-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path())
    }

    @Test("An identity is made once and then read, and its file is its owner's alone")
    func loadOrCreate() throws {
        try withDirectory { directory in
            let first = try PeerIdentity.loadOrCreate(directory: directory)
            let second = try PeerIdentity.loadOrCreate(directory: directory)
            #expect(first.id == second.id)
            #expect(PeerID(first.id.description) == first.id)
            let mode = try FileManager.default.attributesOfItem(atPath: directory + "/identity.pem")[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["identity.pem"])
        }
    }

    @Test("An identity file that others may read is refused with a remedy")
    func openFile() throws {
        try withDirectory { directory in
            _ = try PeerIdentity.loadOrCreate(directory: directory)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: directory + "/identity.pem")
            let error = #expect(throws: TalkootError.self) { try PeerIdentity.loadOrCreate(directory: directory) }
            #expect(error?.code == .refused && error?.remedy.contains("chmod 600") == true)
        }
    }

    @Test("A file that is no key is refused and left alone")
    func damagedFile() throws {
        try withDirectory { directory in
            try PrivateFile.write("no key", to: directory + "/identity.pem")
            let error = #expect(throws: TalkootError.self) { try PeerIdentity.loadOrCreate(directory: directory) }
            #expect(error?.code == .badData)
            #expect(try PrivateFile.read(directory + "/identity.pem") == "no key")
        }
    }

    @Test("A missing directory is told as what cannot be created")
    func missingDirectory() {
        let error = #expect(throws: TalkootError.self) { try PeerIdentity.loadOrCreate(directory: "/nonexistent/talkoot") }
        #expect(error?.code == .cannotCreate)
    }

    @Test("An exported identity is the same peer elsewhere")
    func export() throws {
        let identity = try PeerIdentity.ephemeral()
        #expect(try PeerIdentity(pem: identity.exportPEM()).id == identity.id)
        #expect(throws: TalkootError.self) { try PeerIdentity(pem: "x") }
    }

    @Test("A certificate names its key, now and in nineteen years, and is refused before and after its time")
    func dates() throws {
        let identity = try PeerIdentity.ephemeral()
        let now = time(nil)
        #expect(try PeerTLS.authorise(identity.certificate) == identity.id)
        #expect(try PeerTLS.authorise(identity.certificate, now: now + 19 * 31_557_600) == identity.id)
        for wrong in [now - 2 * 86_400, now + 21 * 31_557_600] {
            let error = #expect(throws: TalkootError.self) { try PeerTLS.authorise(identity.certificate, now: wrong) }
            #expect(error?.code == .refused)
        }
    }
}
