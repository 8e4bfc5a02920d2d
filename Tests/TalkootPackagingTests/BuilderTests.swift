import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

private func sdk() throws -> ModuleSDK { try ModuleSDK(root: sourceRoot) }

private func module(_ scratch: Scratch, _ source: String, _ content: String) throws -> String {
    try scratch.write("m/module.yaml", Trivial.yaml)
    try scratch.write("m/src/\(source)", content)
    return scratch("m")
}

@Test("A C module is built for every level, passes admission, and is kept while nothing changes")
func buildC() throws {
    let scratch = try Scratch()
    let directory = try module(scratch, "m.c", Trivial.source)
    let builder = ModuleBuilder(sdk: try sdk())
    let first = try builder.build(directory: directory)
    #expect(first.map(\.platform) == ModuleBuilder.Variant.all.map(\.platform))
    #expect(first.allSatisfy { $0.isFresh && $0.report.isAdmitted && $0.messages.isEmpty })
    #expect(try builder.build(directory: directory).allSatisfy { !$0.isFresh })
    try scratch.write("m/src/m.c", Trivial.source + "static int unused;\n")
    let third = try builder.build(directory: directory)
    #expect(third.allSatisfy { $0.isFresh && $0.messages.contains("unused") })
}

@Test("The same sources give the same library wherever they lie")
func sameLibrary() throws {
    let builder = ModuleBuilder(sdk: try sdk())
    let libraries = try (0..<2).map { _ in
        let scratch = try Scratch()
        return try bytes(of: try builder.build(directory: try module(scratch, "m.c", Trivial.source))[0].path)
    }
    #expect(libraries[0] == libraries[1])
}

@Test("A module is built with the static libraries and directories of headers that its manifest names")
func staticLibraries() throws {
    let scratch = try Scratch()
    try scratch.write("m/vendor/include/half.h", "int half(int whole);\n")
    try scratch.write("half.c", "int half(int whole) { return whole / 2; }\n")
    try shell("cd \(scratch.path) && cc -fPIC -c half.c && ar rcs m/vendor/libhalf.a half.o")
    let source = Trivial.source.replacing("#include <talkoot.h>", with: "#include <half.h>\n#include <talkoot.h>\n#include <zlib.h>")
    let use = "unsigned long used(void); unsigned long used(void) { return half(4) + crc32(0, 0, 0); }\n"
    let directory = try module(scratch, "m.c", source + use)
    let builder = ModuleBuilder(sdk: try sdk())
    #expect(error { try builder.build(directory: directory) }?.code == .badData)
    try scratch.write("m/module.yaml", Trivial.yaml + "build: {libraries: [z, vendor/libhalf.a], include: [vendor/include]}\n")
    let libraries = try builder.build(directory: directory)
    #expect(libraries.allSatisfy { $0.isFresh && Set($0.report.needed).isSubset(of: ["libc.so.6", "libm.so.6"]) })
    #expect(try builder.build(directory: directory).allSatisfy { !$0.isFresh })
    // What the build needs is the author's affair: the package's manifest does not have it.
    #expect(!String(decoding: CanonicalManifest.bytes(of: try ModuleSources.manifest(in: directory)), as: UTF8.self).contains("build"))
    try shell("touch -d '1 hour' \(directory)/vendor/libhalf.a")
    #expect(try builder.build(directory: directory).allSatisfy(\.isFresh))
}

@Test(
    "A static library or directory of headers is named plainly or lies in the module's directory",
    arguments: [
        "{libraries: [../libx.a]}", "{libraries: [/usr/lib/libx.a]}", "{libraries: [-Wl]}", "{libraries: [x.so]}", "{libraries: [a b]}",
        "{libraries: z}", "{include: [../x]}", "{include: [/usr/include]}", "{include: [\"\"]}", "{include: [-x]}", "{flags: [-O0]}",
    ])
func faultyBuild(_ build: String) throws {
    let scratch = try Scratch()
    let directory = try module(scratch, "m.c", Trivial.source)
    try scratch.write("m/module.yaml", Trivial.yaml + "build: \(build)\n")
    let found = error { try ModuleBuilder(sdk: try sdk()).build(directory: directory) }
    #expect(found?.code == .badData && found?.message.contains("build") == true, "\(String(describing: found))")
}

@Test("A static library that is not here is named in the remedy")
func missingLibrary() throws {
    let scratch = try Scratch()
    let directory = try module(scratch, "m.c", Trivial.source)
    try scratch.write("m/module.yaml", Trivial.yaml + "build: {libraries: [nowhere]}\n")
    let found = error { try ModuleBuilder(sdk: try sdk()).build(directory: directory) }
    #expect(found?.code == .badData && found?.remedy.contains("nowhere") == true, "\(String(describing: found))")
}

@Test("Sources that do not compile are refused with the compiler's words")
func compileError() throws {
    let scratch = try Scratch()
    let directory = try module(scratch, "m.c", "#include <talkoot.h>\nint broken(void) { return nothing; }\n")
    let found = error { try ModuleBuilder(sdk: try sdk()).build(directory: directory) }
    #expect(found?.code == .badData)
    #expect(found?.message.contains("nothing") == true, "\(String(describing: found))")
}

@Test("A library that hosts would refuse is refused by the builder, too")
func builderAdmission() throws {
    let scratch = try Scratch()
    let directory = try module(scratch, "m.c", "int something(void) { return 1; }\n")
    #expect(error { try ModuleBuilder(sdk: try sdk()).build(directory: directory) }?.message.contains("entry point") == true)
}

@Test("A directory without manifest, without sources or with a mixture is refused")
func directories() throws {
    let scratch = try Scratch()
    let builder = ModuleBuilder(sdk: try sdk())
    #expect(error { try builder.build(directory: scratch.path) }?.message.contains("no module.yaml") == true)
    let directory = try module(scratch, "README", "")
    #expect(error { try builder.build(directory: directory) }?.message.contains("no source") == true)
    try scratch.write("m/src/a.c", "")
    try scratch.write("m/src/b.swift", "")
    #expect(error { try builder.build(directory: directory) }?.message.contains("mixes") == true)
}

@Test("A root without the header is no SDK")
func noSDK() throws {
    let scratch = try Scratch()
    #expect(error { try ModuleSDK(root: scratch.path) }?.code == .notFound)
    try scratch.write("include/talkoot.h", "")
    try scratch.write("TalkootModule/Module.swift", "")
    #expect(try ModuleSDK(root: scratch.path).headers.hasSuffix("/include"))
}

@Test("A packed directory is found again in a store, and libraries of the author's own are taken as they are")
func packing() throws {
    let scratch = try Scratch()
    let directory = try module(scratch, "m.c", Trivial.source)
    let key = PublisherKey()
    let package = try PackageWriter(sdk: try sdk()).pack(directory: directory, signingKey: key, output: scratch.path)
    #expect(package.path == scratch("trivial-1.2.3.talkoot"))
    #expect(package.publisher == key.id)
    #expect(package.manifest.libraries.count == ModuleBuilder.Variant.all.count)
    let store = ModuleStore(directory: scratch("store"))
    #expect(try store.add(path: package.path).digest == package.digest)

    try scratch.write("m/lib/\(HostPlatform.current.baseline)/module.so", try Trivial.good.get())
    let own = try PackageWriter(sdk: try sdk()).pack(directory: directory, signingKey: nil, output: scratch("own.talkoot"))
    #expect(try own.library() == Trivial.good.get())
    try scratch.write("m/lib/README", "")
    #expect(
        error { try PackageWriter(sdk: try sdk()).pack(directory: directory, signingKey: nil) }?.message.contains("no module.so") == true)
}
