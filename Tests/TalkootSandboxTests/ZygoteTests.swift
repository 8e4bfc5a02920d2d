import Glibc
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

@Suite("The zygote that cells are copies of")
struct ZygoteTests {
    private static let all = LayerSet.all(isRoot: geteuid() == 0)

    private func starter() throws -> CellStarter {
        let path = try BuiltProduct.path("talkoot-cell")
        return CellStarter(cellPath: path, spawner: try Spawner(path: path))
    }

    private func run(_ starter: CellStarter, _ library: LibraryImage, layers: LayerSet = all) throws -> String {
        let cell = try starter.start(CellSettings(library: library, limits: Workshop.limits), layers: layers)
        let result = cell.run(Workshop.batch(0..<1))
        return result.failure?.outcome.summary ?? String(decoding: result.bytes, as: UTF8.self)
    }

    @Test("One that was killed is replaced with the next cell, and cells that live go on")
    func replaced() throws {
        let starter = try starter()
        let library = try Workshop.library(run: "return host->write(host, \"ok\", 2);")
        let cell = try starter.start(CellSettings(library: library, limits: Workshop.limits), layers: Self.all)
        let first = starter.spawner.zygote
        #expect(first > 0 && kill(first, SIGKILL) == 0)
        #expect(try run(starter, library) == "ok")
        #expect(starter.spawner.zygote != first)
        #expect(cell.run(Workshop.batch(0..<1)).failure == nil)
    }

    @Test("Another set of layers is put up by another one")
    func otherLayers() throws {
        let starter = try starter()
        let library = try Workshop.library(run: "return host->write(host, \"ok\", 2);")
        #expect(try run(starter, library) == "ok")
        let first = starter.spawner.zygote
        #expect(try run(starter, library, layers: Self.all.subtracting([.namespaces, .userNamespace])) == "ok")
        #expect(starter.spawner.zygote != first)
    }

    @Test("One is made anew for a library that no module needed before, and then serves those without it, too")
    func libraries() throws {
        let starter = try starter()
        let plain = try Workshop.library(run: "return host->write(host, \"ok\", 2);")
        let thrower = try Workshop.library(
            run: "try { throw 1; } catch (int) { return host->write(host, \"caught\", 6); }", language: .cxx)
        #expect(try run(starter, plain) == "ok")
        let first = starter.spawner.zygote
        #expect(try run(starter, plain) == "ok")
        #expect(starter.spawner.zygote == first)
        #expect(try run(starter, thrower) == "caught")
        let second = starter.spawner.zygote
        #expect(second != first)
        #expect(try run(starter, plain) == "ok")
        #expect(try run(starter, thrower) == "caught")
        #expect(starter.spawner.zygote == second)
    }

    @Test("A cell sees nothing of the one before: memory, output and log are its own")
    func fresh() throws {
        let starter = try starter()
        let library = try Workshop.library(
            run: """
                static char kept[8]; char *heap = calloc(1, 4096); int marks = 0;
                for (int i = 0; i < 4096; i++) marks += heap[i] != 0;
                for (int i = 0; i < 8; i++) marks += kept[i] != 0;
                memset(kept, 1, 8); memset(heap, 1, 4096);
                return host->write(host, marks == 0 ? "clean" : "dirty", 5);
                """)
        for _ in 0..<3 { #expect(try run(starter, library) == "clean") }
    }

    @Test("Locks, threads and signals of libc work in a copy")
    func libc() throws {
        let body = """
            pthread_mutexattr_t kind; pthread_mutex_t lock; pthread_t self = pthread_self();
            pthread_mutexattr_init(&kind); pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
            pthread_mutex_init(&lock, &kind);
            int good = pthread_mutex_lock(&lock) == 0 && pthread_mutex_lock(&lock) == EDEADLK && pthread_mutex_unlock(&lock) == 0;
            signal(SIGUSR1, SIG_IGN);
            good = good && pthread_kill(self, SIGUSR1) == 0 && raise(SIGUSR1) == 0;
            return host->write(host, good ? "good" : "bad", good ? 4 : 3);
            """
        #expect(try run(try starter(), Workshop.library(run: body)) == "good")
    }

    @Test("Its cells lie in an empty root, a network without devices up, and under the name of no host")
    func enclosure() throws {
        let cell = try starter().start(
            CellSettings(library: Workshop.library(run: "return 0;"), limits: Workshop.limits), layers: Self.all)
        let mounts = try text("/proc/\(cell.processID)/mountinfo").split(separator: "\n")
        #expect(mounts.count == 1)
        #expect(mounts.first?.contains(" / ro,") == true && mounts.first?.contains("tmpfs") == true)
        #expect(try text("/proc/\(cell.processID)/oom_score_adj") == "1000\n")
    }

    private func text(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
