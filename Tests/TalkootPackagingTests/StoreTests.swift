import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

@Test("A store that does not exist yet is empty, and adding makes it")
func emptyStore() throws {
    let scratch = try Scratch()
    let store = ModuleStore(directory: scratch("deep/modules"))
    #expect(try store.list().isEmpty)
    #expect(error { try store.find("primes") }?.remedy.contains("talkoot module pack") == true)
    let package = try store.add(path: try Trivial.package(scratch, manifest: try Trivial.manifest()))
    #expect(package.path == scratch("deep/modules/\(package.digest).talkoot"))
    #expect(store.path(of: package.digest) == package.path)
    #expect(try store.package(package.digest)?.manifest == package.manifest)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("deep/modules")) == ["\(package.digest).talkoot"])
}

@Test("A module is found by name, version, identity, the identity's beginning and path")
func finding() throws {
    let scratch = try Scratch()
    let store = ModuleStore(directory: scratch("modules"))
    for version in ["1.9.0", "1.10.0", "2.0.0-beta.1"] {
        _ = try store.add(path: try Trivial.package(scratch, manifest: try Trivial.manifest(version: version)))
    }
    _ = try store.add(path: try Trivial.package(scratch, manifest: try Trivial.manifest(name: "other")))
    #expect(try store.list().map(\.reference) == ["other@1.2.3", "trivial@2.0.0-beta.1", "trivial@1.10.0", "trivial@1.9.0"])
    let newest = try store.find("trivial")
    #expect(newest.reference == "trivial@1.10.0")
    #expect(try store.find("trivial@1.9.0").reference == "trivial@1.9.0")
    #expect(try store.find(newest.digest.description).reference == newest.reference)
    #expect(try store.find(String(newest.digest.description.prefix(8)).uppercased()).reference == newest.reference)
    #expect(try store.find(newest.path).reference == newest.reference)
    let unknown = error { try store.find("absent") }
    #expect(unknown?.code == .notFound && unknown?.remedy.contains("trivial@1.10.0") == true)
    #expect(error { try store.find("trivial@3.0.0") }?.code == .notFound)
    #expect(error { try store.find("trivial@newest") }?.code == .usage)
    #expect(error { try store.find("./none.talkoot") }?.code == .notFound)
}

@Test("Bundled packages are found beside the store's own, whatever their files are called")
func bundled() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch("bundled"), withIntermediateDirectories: true)
    try Trivial.package(scratch, "bundled/trivial-1.2.3.talkoot", manifest: try Trivial.manifest())
    let store = ModuleStore(directory: scratch("modules"), bundled: [scratch("absent"), scratch("bundled")])
    let package = try store.find("trivial")
    #expect(store.path(of: package.digest) == scratch("bundled/trivial-1.2.3.talkoot"))
    #expect(try store.package(package.digest)?.reference == "trivial@1.2.3")
    _ = try store.add(path: package.path)
    #expect(try store.list().count == 1)
}

@Test("A damaged file in the store hides no other module and is named when it is what was asked for")
func damagedStore() throws {
    let scratch = try Scratch()
    let store = ModuleStore(directory: scratch("modules"))
    let package = try store.add(path: try Trivial.package(scratch, manifest: try Trivial.manifest()))
    let lost = try store.add(path: try Trivial.package(scratch, manifest: try Trivial.manifest(name: "lost")))
    try scratch.write("modules/\(lost.digest).talkoot", "rubbish")
    #expect(try store.list().map(\.reference) == [package.reference])
    #expect(error { try store.package(lost.digest) }?.code == .badData)
    #expect(error { try store.find("lost") }?.remedy.contains("1 damaged") == true)
    // Adding it again mends it.
    _ = try store.add(path: try Trivial.package(scratch, manifest: try Trivial.manifest(name: "lost")))
    #expect(try store.find("lost").digest == lost.digest)
}

@Test("What is no package is not added, and leaves nothing behind")
func addingRubbish() throws {
    let scratch = try Scratch()
    let store = ModuleStore(directory: scratch("modules"))
    let path = try scratch.write("rubbish.talkoot", "rubbish")
    let found = error { try store.add(path: path) }
    #expect(found?.code == .badData && found?.message.contains(path) == true, "\(String(describing: found))")
    #expect(error { try store.add(path: scratch("absent")) }?.code == .notFound)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("modules")).isEmpty)
}

@Test("A directory that cannot be made is a clear error")
func unwritable() throws {
    let scratch = try Scratch()
    try scratch.write("file", "")
    let package = try Trivial.package(scratch, manifest: try Trivial.manifest())
    for place in ["/proc/talkoot/modules", scratch("file/modules")] {
        let found = error { try ModuleStore(directory: place).add(path: package) }
        #expect(found?.code == .cannotCreate, "\(String(describing: found))")
    }
}

@Test("A full disk is a clear error and leaves no half a package")
func fullDisk() throws {
    // /dev/full answers every write with ENOSPC.
    let file = OpenFile(descriptor: open("/dev/full", O_WRONLY), path: "/dev/full")
    defer { file.close() }
    let found = error { try file.write([1]) }
    #expect(found?.code == .inputOutput && found?.message.contains("the disk is full") == true)
}

@Test("Many writers and readers at once see whole packages only")
func concurrency() async throws {
    let scratch = try Scratch()
    let store = ModuleStore(directory: scratch("modules"))
    var paths: [String] = []
    for number in 0..<4 {
        paths.append(try Trivial.package(scratch, "\(number).talkoot", manifest: try Trivial.manifest(version: "1.0.\(number)")))
    }
    let files = paths
    let failures = await withTaskGroup(of: [String].self) { group in
        for worker in 0..<8 {
            group.addTask {
                var failures: [String] = []
                for round in 0..<10 {
                    do {
                        _ = try store.add(path: files[(worker + round) % files.count])
                        let contents = try store.contents()
                        failures += contents.damaged.map(\.description)
                    } catch {
                        failures.append("\(error)")
                    }
                }
                return failures
            }
        }
        return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(failures.isEmpty)
    #expect(try store.list().count == 4)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("modules")).count == 4)
}
