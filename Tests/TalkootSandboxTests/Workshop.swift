import Foundation
import TalkootCore
import TalkootSandbox
import TalkootTesting

/// Compiles small modules for tests and starts cells with them.
enum Workshop {
    enum Language: String { case c = "c", cxx = "c++" }

    /// What every test module starts with: all headers, and `run` to be filled in.
    private static let prelude = """
        #include <errno.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <time.h>
        #include <unistd.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <sched.h>
        #include <pthread.h>
        #include <sys/mman.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include "talkoot.h"

        """

    /// A module whose `run` is this body, with `host` and `unit` in scope, behind some declarations.
    static func library(run body: String, before: String = "", callbacks: String = "", language: Language = .c) throws -> LibraryImage {
        let source =
            before + "\nstatic int32_t run(const talkoot_host *host, const talkoot_unit *unit) { (void)host; (void)unit;\n" + body
            + "\n}\nstatic talkoot_module module;\n"
            + "TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { (void)host;\n"
            + "module.abi_version = TALKOOT_ABI_VERSION; module.struct_size = sizeof module; module.run = run;\n" + callbacks
            + "\nreturn &module; }\n"
        return try LibraryImage(bytes: compile(prelude + source, language: language))
    }

    /// The library of a module whose source is a file in Modules.
    static func module(bytes name: String) throws -> [UInt8] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Modules/" + name)
        return try compile(String(contentsOf: file, encoding: .utf8))
    }

    /// The shared library of a source, in a temporary directory that is gone afterwards.
    static func compile(_ source: String, language: Language = .c) throws -> [UInt8] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("talkoot-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let input = directory.appendingPathComponent(language == .c ? "module.c" : "module.cpp")
        try source.write(to: input, atomically: false, encoding: .utf8)
        return try link([input.path], flags: ["-w"], language: language, in: directory)
    }

    /// The shared library of some files, left as `module.so` in a directory.
    static func link(_ files: [String], flags: [String], language: Language = .c, in directory: URL) throws -> [UInt8] {
        let output = directory.appendingPathComponent("module.so")
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments =
            [language == .c ? "cc" : "c++", "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-fvisibility=hidden", "-I", include]
            + ["-o", output.path] + files + flags
        try compiler.run()
        compiler.waitUntilExit()
        return [UInt8](try Data(contentsOf: output))
    }

    /// Where `talkoot.h` lies, beside this file's package.
    private static let include = root.appendingPathComponent("Sources/CTalkoot/include").path

    /// The folder that holds `Package.swift`.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A launcher with the cell of this build.
    static func launcher() throws -> CellLauncher { try CellLauncher.open(cellPath: BuiltProduct.path("talkoot-cell")) }

    /// Limits under which a test is quick.
    static var limits: CellLimits {
        CellLimits(memoryBytes: 32 << 20, outputBytes: 1 << 20, unitWallSeconds: 10, unitProcessorSeconds: 10)
    }

    /// A cell with a module.
    static func cell(
        _ library: LibraryImage, parameters: [String: ParameterValue] = [:], limits: CellLimits = Workshop.limits
    ) throws -> Cell {
        try launcher().launch(CellSettings(library: library, parameters: parameters, limits: limits))
    }

    /// Runs a blocking call on a thread of its own.
    static func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }

    /// A batch of units of one item each.
    static func batch(_ units: Range<UInt64>, input: [UInt8] = [], inputEnds: [Int] = []) -> UnitBatch {
        UnitBatch(units: units, shape: JobShape(items: 1 << 40, itemsPerUnit: 1), seed: 1, input: input, inputEnds: inputEnds)
    }

    /// What becomes of one unit of a module with this body.
    static func outcome(run body: String, before: String = "", limits: CellLimits = Workshop.limits) throws -> UnitOutcome {
        let cell = try cell(library(run: body, before: before), limits: limits)
        return cell.run(batch(0..<1)).failure?.outcome ?? .done
    }

    /// The text that one unit of a module with this body writes.
    static func text(run body: String, before: String = "", limits: CellLimits = Workshop.limits) throws -> String {
        let result = try cell(library(run: body, before: before), limits: limits).run(batch(0..<1))
        if let failure = result.failure { return failure.outcome.summary }
        return String(decoding: result.bytes, as: UTF8.self)
    }
}
