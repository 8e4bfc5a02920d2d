import Foundation
import Logging
import Synchronization
import TalkootCoordinator
import TalkootCore
import TalkootSandbox
import TalkootScheduling
import TalkootStore
import TalkootTesting

/// Small modules in C, compiled when a test first wants them.
enum TestModules {
    /// Sums `i * i * factor` over the items below the parameter `items`: 8 bytes a unit, folded, finished as text.
    static let squares = Source(
        manifest: manifest("squares", parameters: [number("items"), number("factor", 1)]),
        code: """
            static uint64_t get(const void *p) { uint64_t v; memcpy(&v, p, 8); return v; }
            static int32_t plan(const talkoot_host *host, uint64_t size, uint64_t *items) { *items = host->integer(host, "items"); return 0; }
            static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
                uint64_t sum = 0;
                for (uint64_t n = 0; n < unit->item_count; n++) { uint64_t i = unit->first_item + n; sum += i * i * host->integer(host, "factor"); }
                return host->write(host, &sum, 8);
            }
            static int32_t merge(const talkoot_host *host, const talkoot_bytes *r, size_t count) {
                uint64_t sum = 0;
                for (size_t n = 0; n < count; n++) { if (r[n].size != 8) return host->fail(host, "a result of another size"); sum += get(r[n].data); }
                return host->write(host, &sum, 8);
            }
            static int32_t finish(const talkoot_host *host, talkoot_bytes all) {
                char text[32]; int length = snprintf(text, sizeof text, "%llu\\n", all.size == 8 ? (unsigned long long)get(all.data) : 0ull);
                return host->write(host, text, length);
            }
            static talkoot_module module = { TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, merge, finish };
            """)

    /// Turns the letters of its input lines into capitals; the results are concatenated.
    static let capitals = Source(
        manifest: manifest("capitals", input: .lines),
        code: """
            static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
                const uint8_t *in = unit->input.data; uint8_t *out = host->reserve(host, unit->input.size);
                uint64_t lines = 0;
                if (!out) return TALKOOT_FAILED;
                for (size_t n = 0; n < unit->input.size; n++) {
                    if (in[n] == 10) lines++;
                    out[n] = in[n] >= 'a' && in[n] <= 'z' ? in[n] - 32 : in[n];
                }
                if (unit->input.size && in[unit->input.size - 1] != 10) lines++;
                if (lines != unit->item_count) return host->fail(host, "another number of lines than items");
                return TALKOOT_OK;
            }
            static talkoot_module module = { TALKOOT_ABI_VERSION, sizeof(talkoot_module), 0, run };
            """)

    /// Writes each item's number and a newline, waits `pause` microseconds a unit, and misbehaves at item `bad`: fails, crashes or is endless.
    static let numbers = Source(
        manifest: manifest(
            "numbers", parameters: [number("items"), number("bad", -1), number("how", 0), number("pause", 0)]),
        code: """
            static int32_t plan(const talkoot_host *host, uint64_t size, uint64_t *items) {
                if (host->integer(host, "items") < 0) return host->fail(host, "fewer than no items");
                *items = host->integer(host, "items"); return 0;
            }
            static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
                int64_t pause = host->integer(host, "pause");
                struct timespec begin, now; clock_gettime(CLOCK_MONOTONIC, &begin);
                for (uint64_t n = 0; n < unit->item_count; n++) {
                    uint64_t i = unit->first_item + n;
                    if ((int64_t)i == host->integer(host, "bad")) {
                        if (host->integer(host, "how") == 0) return host->fail(host, "no such number");
                        *(volatile int *)8 = 1;
                    }
                    char text[32]; int length = snprintf(text, sizeof text, "%llu\\n", (unsigned long long)i);
                    host->write(host, text, length);
                }
                do { clock_gettime(CLOCK_MONOTONIC, &now); }
                while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 < pause);
                return TALKOOT_OK;
            }
            static talkoot_module module = { TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run };
            """)

    /// Like ``squares``, but `merge` or `finish` fails, as the parameter `where` says.
    static let hopeless = Source(
        manifest: manifest("hopeless", parameters: [number("where", 0)]),
        code: """
            static int32_t plan(const talkoot_host *host, uint64_t size, uint64_t *items) { *items = 100; return 0; }
            static int32_t run(const talkoot_host *host, const talkoot_unit *unit) { return host->write(host, "x", 1); }
            static int32_t merge(const talkoot_host *host, const talkoot_bytes *r, size_t count) {
                return host->integer(host, "where") == 0 ? host->fail(host, "these do not fold") : host->write(host, "y", 1);
            }
            static int32_t finish(const talkoot_host *host, talkoot_bytes all) { return host->fail(host, "cannot end"); }
            static talkoot_module module = { TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, merge, finish };
            """)

    /// Writes each item's number with nine decimals; two results agree when no number differs by a thousandth.
    static let near = Source(
        manifest: manifest("near", parameters: [number("items")], determinism: .tolerance),
        code: """
            #include <math.h>
            #include <stdlib.h>
            static int32_t plan(const talkoot_host *host, uint64_t size, uint64_t *items) { *items = host->integer(host, "items"); return 0; }
            static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
                for (uint64_t n = 0; n < unit->item_count; n++) {
                    char text[40]; int length = snprintf(text, sizeof text, "%.9f\\n", (double)(unit->first_item + n));
                    host->write(host, text, length);
                }
                return TALKOOT_OK;
            }
            static int32_t equal(const talkoot_host *host, talkoot_bytes a, talkoot_bytes b, bool *same) {
                char left[32] = {0}, right[32] = {0};
                *same = false;
                if (a.size == 0 || b.size == 0 || a.size >= 32 || b.size >= 32) return TALKOOT_OK;
                memcpy(left, a.data, a.size); memcpy(right, b.data, b.size);
                *same = fabs(atof(left) - atof(right)) < 1e-3;
                return TALKOOT_OK;
            }
            static talkoot_module module = { TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, 0, 0, equal };
            """)

    /// The text that ``numbers`` gives.
    static func numbersText(_ items: Int) -> [UInt8] { Array((0..<items).map { "\($0)\n" }.joined().utf8) }

    /// A launcher with the cell of this build, shared by all tests.
    static let launcher = Result { try CellLauncher.open(cellPath: BuiltProduct.path("talkoot-cell")) }

    /// A logger that says nothing.
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func number(_ name: String, _ value: Int64? = nil) -> ModuleParameter {
        ModuleParameter(name: name, kind: .integer, defaultValue: value.map(ParameterValue.integer))
    }

    static func manifest(
        _ name: String, parameters: [ModuleParameter] = [], input: InputKind = .none, determinism: Manifest.Determinism = .exact
    ) -> Manifest {
        Manifest(
            name: name, version: SemanticVersion("1.0.0")!, summary: "A test.", license: "Apache-2.0", parameters: parameters,
            input: input, output: Manifest.Output(name: "out.txt", mediaType: "text/plain"),
            resources: Manifest.Resources(memoryBytes: 32 << 20), determinism: determinism)
    }
}

/// A test module's manifest and code, compiled once.
final class Source: Sendable {
    let manifest: Manifest
    private let code: String
    private let library = Mutex<[UInt8]?>(nil)

    init(manifest: Manifest, code: String) {
        self.manifest = manifest
        self.code = code
    }

    private func compiled() throws -> [UInt8] {
        try library.withLock { library in
            let bytes = try library ?? Self.compile(code)
            library = bytes
            return bytes
        }
    }

    /// The module as a job wants it; its "package" is a file with the library, written into the directory.
    func module(in directory: TemporaryDirectory) throws -> JobModule {
        let path = directory.path + "/" + manifest.name + ".package"
        let kept = FileManager.default.contents(atPath: path).map { [UInt8]($0) }
        let library = try kept ?? compiled()
        if kept == nil { _ = try directory.write(library, to: manifest.name + ".package") }
        return JobModule(
            manifest: manifest, digest: Digest(bytes: [UInt8](repeating: UInt8(manifest.name.utf8.count), count: 32))!, packagePath: path,
            packageBytes: UInt64(library.count), library: library)
    }

    private static func compile(_ code: String) throws -> [UInt8] {
        let source = """
            #include <stdio.h>
            #include <string.h>
            #include <time.h>
            #include "talkoot.h"
            \(code)
            TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { (void)host; return &module; }
            """
        let include = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/CTalkoot/include").path
        return try TemporaryDirectory.with { directory in
            let input = try directory.write(Array(source.utf8), to: "module.c")
            let output = directory.path + "/module.so"
            let compiler = Process()
            compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            compiler.arguments = ["cc", "-shared", "-fPIC", "-O1", "-fvisibility=hidden", "-w", "-I", include, "-o", output, input]
            try compiler.run()
            compiler.waitUntilExit()
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: output)))
        }
    }
}

/// A job of a test, in a directory of its own.
struct TestJob {
    let directory: TemporaryDirectory
    let module: JobModule
    var parameters: [String: ParameterValue]
    var inputPath: String?
    var outputPath: String?
    var itemsPerUnit: UInt64?
    var minimumLevel = ConfinementLevel.filtered
    var name = "job"
    var verification = VerificationPolicy.Level.none

    init(_ source: Source, _ parameters: [String: Int64] = [:], in directory: TemporaryDirectory) throws {
        self.directory = directory
        module = try source.module(in: directory)
        self.parameters = try source.manifest.resolve(parameters.mapValues(String.init))
    }

    var jobDirectory: String { directory.path + "/" + name }
    var capsules: CapsuleStore { CapsuleStore(directory: directory.path + "/capsules", program: "test") }

    func submit(expectedSlots: Int = 2, terms: JobRecord.Terms = JobRecord.Terms()) throws -> Coordinator {
        var random = SystemRandomNumberGenerator()
        var specification = JobSpecification(
            module: module, parameters: parameters, inputPath: inputPath, outputPath: outputPath, itemsPerUnit: itemsPerUnit,
            expectedSlots: expectedSlots, directory: jobDirectory, id: JobID.random(using: &random), created: 1_800_000_000,
            mode: .local(slots: expectedSlots), minimumLevel: minimumLevel, limits: CellLimits(memoryBytes: 32 << 20, outputBytes: 1 << 20))
        specification.verification = verification
        specification.terms = terms
        return try Coordinator.submit(
            specification, launcher: TestModules.launcher.get(), capsules: capsules, logger: TestModules.logger)
    }

    func resume(output: Coordinator.ResumedOutput = .asSubmitted, terms: JobRecord.Terms? = nil) throws -> Coordinator {
        try resume(with: module, output: output, terms: terms)
    }

    func resume(
        with module: JobModule, output: Coordinator.ResumedOutput = .asSubmitted, terms: JobRecord.Terms? = nil
    ) throws -> Coordinator {
        try Coordinator.resume(
            directory: jobDirectory, module: module, launcher: TestModules.launcher.get(), output: output, terms: terms,
            logger: TestModules.logger)
    }

    /// Submits, runs on local slots, and returns the output's bytes.
    func run(slots: Int) async throws -> [UInt8] {
        let coordinator = try submit(expectedSlots: slots)
        try coordinator.addLocalSlots(slots)
        return try await coordinator.run().outputBytes()
    }
}

/// Resumes once the last coordinator of this process has let go of the journal.
func resumeWhenFree(
    _ job: TestJob, output: Coordinator.ResumedOutput = .asSubmitted, terms: JobRecord.Terms? = nil,
    _ body: (Coordinator) async throws -> Void
) async throws {
    while true {
        do {
            try await body(job.resume(output: output, terms: terms))
            return
        } catch let error as TalkootError where error.code == .tryLater {
            await Task.yield()
        }
    }
}

extension JobSummary {
    /// The output, wherever it is.
    func outputBytes() throws -> [UInt8] {
        switch output {
        case .bytes(let bytes): return bytes
        case .file(let path, let byteCount):
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            precondition(UInt64(bytes.count) == byteCount)
            return bytes
        }
    }
}
