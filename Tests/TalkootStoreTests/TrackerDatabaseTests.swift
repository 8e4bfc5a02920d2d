import Foundation
import GRDB
import TalkootCore
import Testing

@testable import TalkootStore

@Suite("The tracker's database")
struct TrackerDatabaseTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func open() throws -> TrackerDatabase { try TrackerDatabase(directory: scratch("tracker")) }

    private func digest(_ byte: UInt8) -> Digest { Digest(bytes: [UInt8](repeating: byte, count: 32))! }

    private func module(_ name: String, _ version: String, _ byte: UInt8, by uploader: String = "ann") -> TrackerModule {
        TrackerModule(
            name: name, version: SemanticVersion(version)!, digest: digest(byte), sizeBytes: 3, publisher: nil, uploader: uploader,
            created: 1)
    }

    private func add(_ module: TrackerModule, to store: TrackerDatabase) throws -> ModuleVerdict {
        let path = store.temporaryPackagePath()
        try Data("abc".utf8).write(to: URL(fileURLWithPath: path))
        defer { #expect(!FileManager.default.fileExists(atPath: path)) }
        return try store.addModule(module, package: path)
    }

    @Test("Accounts, tokens, sightings and modules survive a restart")
    func restart() throws {
        let peer = PeerID(digest: digest(9))
        let account = TrackerAccount(name: "ann", passwordHash: "scrypt$x", created: 5)
        let token = TrackerToken(hash: digest(1), account: "ann", peer: peer, created: 5, expires: 100)
        let sighting = TrackerSighting(account: "ann", peer: peer, address: "10.0.0.1", port: 7120, seen: 6, modules: ["primes"])
        do {
            let store = try open()
            #expect(try store.addAccount(account))
            #expect(try !store.addAccount(account))
            try store.addToken(token)
            try store.note(sighting)
            #expect(try add(module("primes", "1.0.0", 3), to: store) == .accepted)
            #expect(error { () throws(TalkootError) in try TrackerDatabase(directory: scratch("tracker")) }?.code == .tryLater)
        }
        let store = try open()
        #expect(try store.account(named: "ann") == account)
        #expect(try store.account(named: "bob") == nil)
        #expect(try store.token(digest(1), now: 99) == token)
        #expect(try store.token(digest(1), now: 100) == nil)
        #expect(try store.sightings(of: "ann") == [sighting])
        #expect(try store.modules() == [module("primes", "1.0.0", 3)])
        #expect(try String(contentsOfFile: store.packagePath(digest(3)), encoding: .utf8) == "abc")
    }

    @Test("Tokens expire, can be revoked, and are bounded by account")
    func tokens() throws {
        let store = try open()
        _ = try store.addAccount(TrackerAccount(name: "ann", passwordHash: "h", created: 0))
        for index in 0..<70 as Range<UInt8> {
            try store.addToken(TrackerToken(hash: digest(index), account: "ann", peer: nil, created: Int64(index), expires: 1000))
        }
        #expect(try store.token(digest(5), now: 0) == nil)
        #expect(try store.token(digest(6), now: 0) != nil)
        try store.removeToken(digest(6))
        #expect(try store.token(digest(6), now: 0) == nil)
        try store.removeExpiredTokens(now: 1000)
        #expect(try store.token(digest(69), now: 0) == nil)
        try store.addToken(TrackerToken(hash: digest(1), account: "ann", peer: nil, created: 0, expires: 1000))
        try store.setPasswordHash("new", of: "ann", revokingTokens: true)
        #expect(try store.token(digest(1), now: 0) == nil)
        #expect(try store.account(named: "ann")?.passwordHash == "new")
    }

    @Test("A name belongs to its first uploader, and a version means one package")
    func ownership() throws {
        let store = try open()
        #expect(try add(module("primes", "1.0.0", 1), to: store) == .accepted)
        #expect(try add(module("primes", "1.0.0", 1), to: store) == .present)
        #expect(try add(module("primes", "1.0.0", 2), to: store) == .versionTaken(digest(1)))
        #expect(try add(module("primes", "1.1.0", 3, by: "bob"), to: store) == .nameTaken(by: "ann"))
        #expect(try add(module("primes", "1.1.0", 3), to: store) == .accepted)
        #expect(!FileManager.default.fileExists(atPath: store.packagePath(digest(2))))
    }

    @Test("A module is found by name, version, digest or the beginning of one")
    func references() throws {
        let store = try open()
        for (version, byte) in [("1.0.0", 0x11), ("1.10.0", 0x22), ("1.9.0", 0x33), ("2.0.0-beta", 0x44)] as [(String, UInt8)] {
            #expect(try add(module("primes", version, byte), to: store) == .accepted)
        }
        #expect(try store.module("primes") == .found(module("primes", "2.0.0-beta", 0x44)))
        #expect(try store.module("primes@1.9.0") == .found(module("primes", "1.9.0", 0x33)))
        #expect(try store.module(digest(0x22).description) == .found(module("primes", "1.10.0", 0x22)))
        #expect(try store.module("11111111") == .found(module("primes", "1.0.0", 0x11)))
        #expect(try store.module("1111111") == .unknown)
        #expect(try store.module("primes@9.9.9") == .unknown)
        #expect(try store.modules().map(\.version.description) == ["2.0.0-beta", "1.10.0", "1.9.0", "1.0.0"])
    }

    @Test("A yanked version is passed over by name, refused by version, given by digest, and may come back; only its owner decides")
    func yanking() throws {
        let (one, two) = (SemanticVersion("1.0.0")!, SemanticVersion("2.0.0")!)
        var newer = module("primes", "2.0.0", 0x22)
        do {
            let store = try open()
            #expect(try add(module("primes", "1.0.0", 0x11), to: store) == .accepted)
            #expect(try add(newer, to: store) == .accepted)
            #expect(try store.yank("primes", two, reason: "mine", by: "bob") == .notYours(newer))
            #expect(try store.yank("primes", SemanticVersion("3.0.0")!, reason: "none", by: "ann") == .unknown)
            #expect(try store.module("primes") == .found(newer))
            #expect(try store.yank("primes", two, reason: "wrong", by: "ann") == .done)
        }
        let store = try open()
        newer.yanked = "wrong"
        #expect(try store.module("primes") == .found(module("primes", "1.0.0", 0x11)))
        #expect(try store.module("primes@2.0.0") == .yanked(newer))
        #expect(try store.module("22222222") == .found(newer))
        #expect(try store.modules().map(\.yanked) == ["wrong", nil])
        #expect(try add(module("primes", "2.0.0", 0x22), to: store) == .yanked("wrong"))
        #expect(try store.yank("primes", one, reason: "too", by: "ann") == .done)
        #expect(try store.module("primes") == .yanked(newer))
        #expect(try store.yank("primes", two, reason: nil, by: "ann") == .done)
        #expect(try store.module("primes") == .found(module("primes", "2.0.0", 0x22)))
    }

    @Test("The database of a tracker from before yanking is brought up to date with what it holds")
    func migration() throws {
        let directory = scratch("tracker")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let path = directory + "/tracker.sqlite"
        do {
            // The first released step, run alone as the first release did, with rows as it wrote them.
            let schema = Schema(application: Schema.tracker.application, name: Schema.tracker.name, steps: [Schema.tracker.steps[0]])
            let pool = try DatabaseFile.openForWriting(path, readers: 1)
            try schema.bringUpToDate(pool, path: path)
            try pool.write { connection in
                try connection.execute(
                    sql: """
                        INSERT INTO account (name, password, created) VALUES ('ann', 'scrypt$x', 5);
                        INSERT INTO module (digest, name, version, size, publisher, uploader, created)
                            VALUES ('\(digest(3))', 'primes', '1.0.0', 3, NULL, 'ann', 1);
                        """)
            }
            try pool.close()
        }
        let store = try open()
        #expect(try store.account(named: "ann")?.created == 5)
        #expect(try store.modules() == [module("primes", "1.0.0", 3)])
        #expect(try store.yank("primes", SemanticVersion("1.0.0")!, reason: "old", by: "ann") == .done)
        #expect(try store.modules().first?.yanked == "old")
    }

    @Test("What a crash left of an upload is gone after the next start")
    func leftovers() throws {
        let path: String
        do {
            let store = try open()
            path = store.temporaryPackagePath()
            try Data("half".utf8).write(to: URL(fileURLWithPath: path))
        }
        _ = try open()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("A directory that cannot be made is one clear error")
    func unwritable() throws {
        try Data().write(to: URL(fileURLWithPath: scratch("file")))
        let refused = error { () throws(TalkootError) in try TrackerDatabase(directory: scratch("file") + "/tracker") }
        #expect(refused?.code == .cannotCreate && refused?.remedy.isEmpty == false)
    }
}
