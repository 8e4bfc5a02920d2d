import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

private let platform = HostPlatform.current.baseline

@Test("A package reads back as what was packed, signature and library included")
func packRoundTrip() throws {
    let scratch = try Scratch()
    let key = PublisherKey()
    let manifest = try Trivial.manifest()
    let path = try Trivial.package(scratch, manifest: manifest, key: key)
    let package = try ModulePackage.read(path: path)
    #expect(package.manifest == manifest)
    #expect(package.digest == Hashing.sha256(package.manifestBytes))
    #expect(package.publisher == key.id)
    #expect(package.fileBytes == (try bytes(of: path)).count)
    #expect(try package.library() == Trivial.good.get())
    #expect(try package.admission().map(\.isAdmitted) == [true])
}

@Test("The same module packs to the same bytes")
func reproducible() throws {
    let scratch = try Scratch()
    let key = PublisherKey()
    let first = try bytes(of: try Trivial.package(scratch, "a.talkoot", manifest: try Trivial.manifest(), key: key))
    let second = try bytes(of: try Trivial.package(scratch, "b.talkoot", manifest: try Trivial.manifest(), key: key))
    #expect(first == second)
}

@Test("A package without a signature has no publisher")
func unsigned() throws {
    let scratch = try Scratch()
    #expect(try ModulePackage.read(path: try Trivial.package(scratch, manifest: try Trivial.manifest())).publisher == nil)
}

@Test("Other programs read a package's tar, and openssl its key")
func interchange() throws {
    let scratch = try Scratch()
    let key = try PublisherKey.loadOrCreate(path: scratch("keys/publisher.pem"))
    let path = try Trivial.package(scratch, manifest: try Trivial.manifest(), key: key)
    let listing = String(decoding: try shell("tar tf \(path)"), as: UTF8.self)
    #expect(listing == "manifest.json\nmanifest.sig\nlib/\(platform)/module.so\n")
    let mode = try FileManager.default.attributesOfItem(atPath: scratch("keys/publisher.pem"))[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try PublisherKey.loadOrCreate(path: scratch("keys/publisher.pem")).id == key.id)
    guard (try? shell("command -v openssl")) != nil else { return }
    let text = String(decoding: try shell("openssl pkey -in \(scratch("keys/publisher.pem")) -noout -text"), as: UTF8.self)
    #expect(text.lowercased().contains("ed25519"))
}

@Test("A key file that is none is refused", arguments: ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
func brokenKey(_ text: String) throws {
    let scratch = try Scratch()
    try scratch.write("key.pem", text)
    #expect(error { try PublisherKey.loadOrCreate(path: scratch("key.pem")) }?.code == .badData)
}

@Test("Eight callers that make a publisher's key at once all get the same one")
func keyRace() async throws {
    let scratch = try Scratch()
    let ids = await withTaskGroup(of: String?.self) { group in
        for _ in 0..<8 { group.addTask { try? PublisherKey.loadOrCreate(path: scratch("publisher.pem")).id } }
        return await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    #expect(ids.count == 1 && !ids.contains(nil))
}

/// A package by hand: right but for what the case changes.
private struct Parts {
    var manifest: [UInt8]
    var signature: [UInt8]?
    var library: [UInt8]

    init() throws {
        manifest = CanonicalManifest.bytes(of: try Trivial.manifest())
        library = try Trivial.good.get()
    }

    var name: String { "lib/\(platform)/module.so" }
}

private func refusal(_ build: (Parts, inout Tar) throws -> Void) throws -> TalkootError? {
    let scratch = try Scratch()
    var tar = Tar()
    try build(try Parts(), &tar)
    let path = try scratch.write("m.talkoot", tar.file)
    return error { try ModulePackage.read(path: path) }
}

@Test("A package written by hand is accepted when it is right")
func byHand() throws {
    #expect(
        try refusal { parts, tar in
            tar.add("manifest.json", parts.manifest)
            tar.add(parts.name, parts.library)
        } == nil)
}

@Test(
    "An entry with another name is refused",
    arguments: [
        "../evil", "/etc/passwd", "lib/../module.so", "lib/x/y/module.so", "lib//module.so", "README", "./manifest.json", "lib/X/module.so",
    ])
func names(_ name: String) throws {
    let found = try refusal { parts, tar in
        tar.add("manifest.json", parts.manifest)
        tar.add(name, [1, 2, 3])
        tar.add(parts.name, parts.library)
    }
    #expect(found?.code == .badData)
    #expect(found?.message.contains("which no package has") == true, "\(String(describing: found))")
}

@Test("An entry that is no plain file is refused", arguments: ["1", "2", "3", "4", "5", "6"] as [Character])
func kinds(_ type: Character) throws {
    let found = try refusal { parts, tar in
        tar.add("manifest.json", parts.manifest)
        tar.add(parts.name, [], type: type, link: "/etc/passwd")
    }
    #expect(found?.code == .badData, "\(String(describing: found))")
}

@Test("An entry that is there twice is refused")
func twice() throws {
    let found = try refusal { parts, tar in
        tar.add("manifest.json", parts.manifest)
        tar.add(parts.name, parts.library)
        tar.add(parts.name, parts.library)
    }
    #expect(found?.message.contains("twice") == true)
}

@Test("A manifest that does not come first, or not at all, is refused")
func order() throws {
    let late = try refusal { parts, tar in
        tar.add(parts.name, parts.library)
        tar.add("manifest.json", parts.manifest)
    }
    #expect(late?.message.contains("does not begin with manifest.json") == true)
    #expect(try refusal { _, _ in }?.code == .badData)
}

@Test("A library that is missing, of another size, of other bytes or not named is refused")
func libraries() throws {
    let missing = try refusal { parts, tar in tar.add("manifest.json", parts.manifest) }
    #expect(missing?.message.contains("lacks lib/") == true)
    let longer = try refusal { parts, tar in
        tar.add("manifest.json", parts.manifest)
        tar.add(parts.name, parts.library + [0])
    }
    #expect(longer?.message.contains("another size") == true)
    let other = try refusal { parts, tar in
        tar.add("manifest.json", parts.manifest)
        tar.add(parts.name, parts.library.dropLast() + [parts.library[parts.library.count - 1] ^ 1])
    }
    #expect(other?.message.contains("digest is not the manifest's") == true)
    let unnamed = try refusal { parts, tar in
        tar.add("manifest.json", parts.manifest)
        tar.add(parts.name, parts.library)
        tar.add("lib/other/module.so", parts.library)
    }
    #expect(unnamed?.message.contains("does not name") == true)
}

@Test("A signature of other bytes, or cut short, is refused")
func signatures() throws {
    let key = PublisherKey()
    for signature in [try key.sign([1, 2, 3]), [UInt8](repeating: 0, count: 96), Array(try key.sign([]).dropLast())] {
        let found = try refusal { parts, tar in
            tar.add("manifest.json", parts.manifest)
            tar.add("manifest.sig", signature)
            tar.add(parts.name, parts.library)
        }
        #expect(found?.message.contains("signature") == true)
    }
}

@Test("A public key for which signatures can be made up is refused", arguments: [0, 1] as [UInt8])
func weakKeys(_ coordinate: UInt8) throws {
    // With the neutral point as key, any S B = R is valid for every text; zeros are valid for one text in four.
    let signature = [coordinate] + [UInt8](repeating: 0, count: 31) + [1] + [UInt8](repeating: 0, count: 63)
    #expect(PublisherKey.signer(of: [1, 2, 3], signature: signature) == nil)
}

@Test("Sizes that a header claims are checked before anything is allocated")
func oversized() throws {
    let manifest = try refusal { _, tar in tar.add("manifest.json", [1], size: 1 << 32) }
    #expect(manifest?.message.contains("at most 262144 are allowed") == true, "\(String(describing: manifest))")
    let library = try refusal { parts, tar in
        tar.add("manifest.json", parts.manifest)
        tar.add(parts.name, [1], size: 1 << 32)
    }
    #expect(library?.message.contains("are allowed") == true, "\(String(describing: library))")
}

@Test("A file over the cap, a directory, a pipe and a missing file each get their own words")
func otherFiles() throws {
    let scratch = try Scratch()
    try shell("truncate -s 65M \(scratch("big.talkoot")) && mkfifo \(scratch("pipe.talkoot"))")
    #expect(error { try ModulePackage.read(path: scratch("big.talkoot")) }?.message.contains("at most 67108864") == true)
    #expect(error { try ModulePackage.read(path: scratch.path) }?.message.contains("not a regular file") == true)
    #expect(error { try ModulePackage.read(path: scratch("pipe.talkoot")) }?.message.contains("not a regular file") == true)
    #expect(error { try ModulePackage.read(path: scratch("none.talkoot")) }?.code == .notFound)
}

@Test("No truncated or damaged package is accepted as another module, and none crashes the reader")
func damagedPackages() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = Seeded(state: seed)
    let scratch = try Scratch()
    let path = try Trivial.package(scratch, manifest: try Trivial.manifest(), key: PublisherKey())
    let original = try bytes(of: path)
    let digest = try ModulePackage.read(path: path).digest
    // What lies behind the last byte of content is only the archive's end mark.
    for length in stride(from: 0, to: original.count - 2048, by: 1021) {
        let cut = try scratch.write("cut.talkoot", Array(original[..<length]))
        #expect(error { try ModulePackage.read(path: cut) }?.code == .badData, "\(length) bytes")
    }
    for _ in 0..<150 {
        var changed = original
        changed[Int.random(in: 0..<changed.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        let file = try scratch.write("changed.talkoot", changed)
        if let package = try? ModulePackage.read(path: file) { #expect(package.digest == digest) }
    }
}

@Test("The library of the best level that a host runs is chosen")
func choice() throws {
    let scratch = try Scratch()
    let names = ["x86_64-v3-linux-gnu", "x86_64-linux-gnu"]
    let package = try ModulePackage.read(path: try Trivial.package(scratch, manifest: try Trivial.manifest(platforms: names)))
    let glibc = try #require(GlibcVersion("2.36"))
    #expect(try package.choice(for: HostPlatform(names: names, glibc: glibc)).platform == names[0])
    #expect(try package.choice(for: HostPlatform(names: [names[1]], glibc: glibc)).platform == names[1])
    let foreign = error { try package.choice(for: HostPlatform(names: ["aarch64-linux-gnu"], glibc: glibc)) }
    #expect(foreign?.code == .refused && foreign?.message.contains("x86_64-v3-linux-gnu") == true)
}

@Test("A package that is replaced after it was read gives no library")
func replaced() throws {
    let scratch = try Scratch()
    let package = try ModulePackage.read(path: try Trivial.package(scratch, manifest: try Trivial.manifest()))
    var tar = Tar()
    tar.add("manifest.json", package.manifestBytes)
    tar.add("lib/\(platform)/module.so", [UInt8](repeating: 0, count: try Trivial.good.get().count))
    try scratch.write("m.talkoot", tar.file)
    #expect(error { try package.library() }?.message.contains("changed after it was read") == true)
}
