import Glibc
import TalkootCore
import TalkootSandbox
import Testing

@Suite("The life of a cell")
struct CellLifeTests {
    @Test("This machine confines with all layers, and says so layer by layer")
    func level() throws {
        let launcher = try Workshop.launcher()
        #expect(launcher.level == .full)
        #expect(launcher.layers.map(\.name) == ["namespaces", "own user", "landlock", "limits", "system call filter"])
        for layer in launcher.layers { #expect(layer.isActive, "\(layer.name): \(layer.reason)") }
    }

    @Test("A batch comes back as its results, in order, with where each ends")
    func batch() throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    char text[32];
                    int size = snprintf(text, sizeof text, "%llu;", (unsigned long long)unit->index);
                    return host->write(host, text, size);
                    """))
        let result = cell.run(Workshop.batch(8..<12))
        #expect(result.failure == nil)
        #expect(result.units == 8..<12)
        #expect(String(decoding: result.bytes, as: UTF8.self) == "8;9;10;11;")
        #expect(result.resultEnds == [2, 4, 7, 10])
        #expect(cell.isAlive)
        #expect(result.wallSeconds > 0)
    }

    @Test("A module without plan, merge and finish gets what they would do by default")
    func defaults() throws {
        let cell = try Workshop.cell(Workshop.library(run: "return TALKOOT_OK;"))
        #expect(!cell.hasPlan && !cell.hasMerge && !cell.hasFinish)
        #expect(cell.merge([[1], [], [2, 3]]) == .value([1, 2, 3]))
        #expect(cell.finish([4]) == .value([4]))
        #expect(cell.plan(inputBytes: 5) == .failure(.failed(message: "the module has no plan")))
    }

    @Test("plan, merge and finish run in the cell")
    func callbacks() throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: "return TALKOOT_OK;",
                before: """
                    static int32_t plan(const talkoot_host *host, uint64_t size, uint64_t *items) { *items = size / 2; return 0; }
                    static int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count) {
                        host->write(host, "(", 1);
                        for (size_t i = 0; i < count; i++) host->write(host, results[i].data, results[i].size);
                        return host->write(host, ")", 1);
                    }
                    static int32_t finish(const talkoot_host *host, talkoot_bytes merged) {
                        char *place = host->reserve(host, merged.size);
                        for (size_t i = 0; i < merged.size; i++) place[i] = ((const char *)merged.data)[merged.size - 1 - i];
                        return TALKOOT_OK;
                    }
                    """, callbacks: "module.plan = plan; module.merge = merge; module.finish = finish;"))
        #expect(cell.plan(inputBytes: 42) == .value(21))
        #expect(cell.merge([Array("ab".utf8), [], Array("c".utf8)]) == .value(Array("(abc)".utf8)))
        #expect(cell.finish(Array("abc".utf8)) == .value(Array("cba".utf8)))
        #expect(cell.isAlive)
    }

    @Test("Each unit gets its items, its seed and its own part of the input")
    func unitFields() throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    char text[128];
                    int size = snprintf(text, sizeof text, "%llu+%llu %u %u %.*s|", (unsigned long long)unit->first_item,
                        (unsigned long long)unit->item_count, unit->struct_size, unit->attempt, (int)unit->input.size,
                        (const char *)unit->input.data);
                    host->write(host, &unit->seed, 8);
                    return host->write(host, text, size);
                    """))
        let shape = JobShape(items: 25, itemsPerUnit: 10)
        let batch = UnitBatch(
            units: 1..<3, shape: shape, seed: 7, input: Array("xxonetwo".utf8), inputEnds: [5, 8], inputStart: 2)
        let result = cell.run(batch)
        let parts = [result.bytes[..<result.resultEnds[0]], result.bytes[result.resultEnds[0]...]]
        #expect(parts.map { String(decoding: $0.dropFirst(8), as: UTF8.self) } == ["10+10 88 0 one|", "20+5 88 0 two|"])
        #expect(parts[0].prefix(8) != parts[1].prefix(8))
        #expect(cell.run(batch).bytes == result.bytes)
    }

    @Test("Parameters of all four types arrive")
    func parameters() throws {
        let library = try Workshop.library(
            run: """
                char text[128];
                int size = snprintf(text, sizeof text, "%lld %g %d %s", (long long)host->integer(host, "count"), host->real(host, "scale"),
                    host->flag(host, "deep"), host->text(host, "name"));
                return host->write(host, text, size);
                """)
        let cell = try Workshop.cell(
            library, parameters: ["count": .integer(-5), "scale": .real(2.5), "deep": .flag(true), "name": .text("Käpylä")])
        #expect(String(decoding: cell.run(Workshop.batch(0..<1)).bytes, as: UTF8.self) == "-5 2.5 1 Käpylä")
    }

    @Test(
        "A parameter that is not declared, or has another type, fails the unit and is named",
        arguments: [
            ("host->integer(host, \"limits\");", "limits, which its manifest does not declare"),
            ("host->text(host, \"limit\");", "limit, which is a whole number and not a text"),
            ("host->real(host, NULL);", "NULL, which its manifest does not declare"),
        ])
    func unknownParameter(statement: String, words: String) throws {
        let cell = try Workshop.cell(
            Workshop.library(run: "if (unit->index == 2) \(statement) return TALKOOT_OK;"), parameters: ["limit": .integer(1)])
        let result = cell.run(Workshop.batch(0..<4))
        #expect(result.units == 0..<2)
        #expect(result.failure?.unit == 2)
        #expect(result.failure?.outcome == .failed(message: "the module asked for parameter \(words)"))
    }

    @Test("A unit that fails says why, keeps the results before it, and leaves the cell alive")
    func failure() throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    if (unit->index == 3) return host->fail(host, "three is too many");
                    if (unit->index == 5) return -7;
                    return host->write(host, "ok", 2);
                    """))
        let result = cell.run(Workshop.batch(0..<6))
        #expect(result.units == 0..<3)
        #expect(result.bytes == Array("okokok".utf8))
        #expect(result.failure?.unit == 3)
        #expect(result.failure?.outcome == .failed(message: "three is too many"))
        #expect(cell.isAlive)
        #expect(cell.run(Workshop.batch(5..<6)).failure?.outcome == .failed(message: "run returned -7 and did not say why"))
        #expect(cell.run(Workshop.batch(0..<1)).failure == nil)
    }

    @Test("The log is kept up to its limit and what is dropped is told")
    func log() throws {
        var limits = Workshop.limits
        limits.logBytes = 4096
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    host->log(host, TALKOOT_LOG_WARNING, "careful");
                    puts("from stdio"); fflush(stdout);
                    if (unit->index == 1) for (int i = 0; i < 1000; i++) host->log(host, TALKOOT_LOG_INFO, "0123456789");
                    return TALKOOT_OK;
                    """), limits: limits)
        _ = cell.run(Workshop.batch(0..<1))
        #expect(cell.takeLog() == "warning: careful\nfrom stdio\n")
        #expect(cell.takeLog() == "")
        _ = cell.run(Workshop.batch(1..<2))
        let flood = cell.takeLog()
        #expect(flood.utf8.count <= 4096 + 64)
        #expect(flood.contains("bytes of log dropped]"))
    }

    @Test("A C++ module with its library, threads of its own, exceptions, streams and random numbers runs")
    func cxx() throws {
        var limits = Workshop.limits
        limits.threads = 4
        let library = try Workshop.library(
            run: """
                long sum = 0;
                std::vector<std::thread> threads;
                std::atomic<long> total{0};
                for (int i = 0; i < 3; i++) threads.emplace_back([&total, i] { total += i; });
                for (auto &thread : threads) thread.join();
                try { throw std::runtime_error("caught"); } catch (const std::exception &error) { host->write(host, error.what(), 6); }
                std::cout << std::random_device()() << " of " << std::thread::hardware_concurrency() << std::endl;
                return total == 3 && std::cout.good() ? TALKOOT_OK : TALKOOT_FAILED;
                """,
            before: "#include <atomic>\n#include <iostream>\n#include <random>\n#include <stdexcept>\n#include <thread>\n#include <vector>",
            language: .cxx)
        let cell = try Workshop.cell(library, limits: limits)
        let result = cell.run(Workshop.batch(0..<20))
        #expect(result.failure == nil)
        #expect(result.units == 0..<20)
    }

    @Test("A thread with the smallest stack that libc allows starts, makes calls that trap, and ends")
    func smallStack() throws {
        var limits = Workshop.limits
        limits.threads = 2
        let outcome = try Workshop.outcome(
            run: """
                pthread_attr_t small;
                pthread_attr_init(&small);
                if (pthread_attr_setstacksize(&small, sysconf(_SC_THREAD_STACK_MIN)) != 0) return TALKOOT_FAILED;
                pthread_t thread;
                void *result;
                if (pthread_create(&thread, &small, look, NULL) != 0 || pthread_join(thread, &result) != 0) return TALKOOT_FAILED;
                return result == NULL ? TALKOOT_OK : TALKOOT_FAILED;
                """,
            before: """
                static void *look(void *none) {
                    sigset_t set;
                    sigfillset(&set);
                    pthread_sigmask(SIG_SETMASK, &set, NULL);
                    return open("/etc/passwd", O_RDONLY) == -1 && errno == ENOENT ? NULL : &errno;
                }
                """, limits: limits)
        #expect(outcome == .done)
    }

    @Test("Sleeps go on when their cell is paused in the middle of them")
    func pausedSleeps() async throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    while (!host->should_stop(host)) {
                        if (nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL) != 0) return host->fail(host, "the sleep broke off");
                    }
                    return TALKOOT_STOPPED;
                    """))
        let line = StopLine(.max)
        var batch = Workshop.batch(0..<1)
        batch.stopBefore = line
        let running = batch
        async let outcome = Workshop.onThread { cell.run(running).failure?.outcome }
        await Workshop.onThread {
            for _ in 0..<50 {
                var change = siginfo_t()
                kill(cell.processID, SIGSTOP)
                waitid(P_PID, id_t(cell.processID), &change, WSTOPPED | WEXITED | WNOWAIT)
                kill(cell.processID, SIGCONT)
                sched_yield()
            }
        }
        line.lower(to: 0)
        #expect(await outcome == nil)
    }

    @Test("Many results of odd sizes and one of the largest size come back whole")
    func sizes() throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    size_t size = unit->index == 99 ? 1 << 20 : unit->index;
                    unsigned char *place = host->reserve(host, size);
                    if (((uintptr_t)place & 15) != 0) return host->fail(host, "not aligned");
                    memset(place, (int)unit->index, size);
                    return TALKOOT_OK;
                    """))
        let result = cell.run(Workshop.batch(0..<100))
        #expect(result.failure == nil)
        #expect(result.units == 0..<100)
        #expect(result.resultEnds.last == 4851 + (1 << 20))
        #expect(result.bytes[result.resultEnds[41]..<result.resultEnds[42]].allSatisfy { $0 == 42 })
    }
}
