import TalkootCheck
import TalkootCore
import Testing

/// Each of these modules gives other results when something changes that no result may depend on; the check says what.
@Suite(.serialized) struct DeterminismTests {
    /// A module, the point that must fail, what the reason must name, and how many threads it has.
    struct Case: CustomTestStringConvertible, Sendable {
        var title: String
        var source: String
        var point: String
        var reason: String
        var threads = 1
        var testDescription: String { title }
    }

    static let cases = [
        Case(
            title: "the time in nanoseconds",
            source: """
                #include <time.h>
                static uint64_t value(const talkoot_unit *unit, uint64_t n) {
                    (void)unit;
                    struct timespec now;
                    clock_gettime(CLOCK_MONOTONIC, &now);
                    return n + (uint64_t)now.tv_nsec;
                }
                VALUES(value)
                """, point: "repeat", reason: "on time: the module calls clock_gettime"),
        Case(
            title: "the day",
            source: """
                #include <time.h>
                static uint64_t value(const talkoot_unit *unit, uint64_t n) { return (void)unit, n + (uint64_t)time(NULL) / 86400; }
                VALUES(value)
                """, point: "clock", reason: "on the date: the module calls time"),
        Case(
            title: "an address",
            source: """
                static char place;
                static uint64_t value(const talkoot_unit *unit, uint64_t n) { return (void)unit, n ^ (uint64_t)(uintptr_t)&place; }
                VALUES(value)
                """, point: "addresses", reason: "depend on addresses"),
        Case(
            title: "the address of allocated memory",
            source: """
                static uint64_t value(const talkoot_unit *unit, uint64_t n) {
                    (void)unit;
                    void *memory = malloc(n + 1);
                    const uint64_t hash = (uint64_t)(uintptr_t)memory * 0x9E3779B97F4A7C15u;
                    free(memory);
                    return hash >> 8;
                }
                VALUES(value)
                """, point: "addresses", reason: "depend on addresses"),
        Case(
            title: "uninitialised memory from malloc",
            source: """
                static uint64_t value(const talkoot_unit *unit, uint64_t n) {
                    (void)unit;
                    volatile unsigned char *memory = malloc(4096);
                    const uint64_t sum = n + memory[100] + memory[2000];
                    free((void *)memory);
                    return sum;
                }
                VALUES(value)
                """, point: "memory", reason: "uninitialised memory from malloc"),
        Case(
            title: "an uninitialised variable",
            source: """
                static __attribute__((noinline)) uint64_t sum(uint64_t *values, uint64_t n) { values[0] += n; return values[0] + values[5]; }
                static uint64_t value(const talkoot_unit *unit, uint64_t n) {
                    (void)unit;
                    uint64_t values[8];
                    values[0] = 1;
                    return sum(values, n);
                }
                VALUES(value)
                """, point: "memory", reason: "an uninitialised variable"),
        Case(
            title: "random numbers of the system",
            source: """
                #include <sys/random.h>
                static uint64_t value(const talkoot_unit *unit, uint64_t n) {
                    (void)unit;
                    uint64_t number = 0;
                    if (getrandom(&number, sizeof number, 0) < 0) return 0;
                    return number ^ n;
                }
                VALUES(value)
                """, point: "repeat", reason: "random numbers of the system: the module calls getrandom"),
        Case(
            title: "the order of threads",
            source: """
                #include <pthread.h>
                static uint64_t order[4], next;
                static void *body(void *number) {
                    volatile uint64_t spin = 0;
                    for (int i = 0; i < 200000; i++) spin += (uint64_t)i;
                    order[__atomic_fetch_add(&next, 1, __ATOMIC_SEQ_CST) & 3] = (uint64_t)(uintptr_t)number;
                    return NULL;
                }
                static uint64_t value(const talkoot_unit *unit, uint64_t n) {
                    (void)unit;
                    pthread_t threads[4];
                    next = 0;
                    for (uint64_t i = 0; i < 4; i++) pthread_create(&threads[i], NULL, body, (void *)(uintptr_t)i);
                    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
                    return n + (order[0] << 32 | order[1] << 24 | order[2] << 16 | order[3] << 8);
                }
                VALUES(value)
                """, point: "repeat", reason: "on the order in which its threads run", threads: 5),
        Case(
            title: "the language",
            source: """
                #include <locale.h>
                static uint64_t value(const talkoot_unit *unit, uint64_t n) {
                    (void)unit;
                    return n + strlen(setlocale(LC_ALL, ""));
                }
                VALUES(value)
                """, point: "locale", reason: "on the language or the time zone"),
        Case(
            title: "the processor's level",
            source: """
                static uint64_t value(const talkoot_unit *unit, uint64_t n) {
                    (void)unit;
                #ifdef __AVX2__
                    n += 1;
                #endif
                    return n;
                }
                VALUES(value)
                """, point: "processor", reason: "x86_64-v3-linux-gnu gives others"),
        Case(
            title: "units that ran before",
            source: """
                static uint64_t count;
                static uint64_t value(const talkoot_unit *unit, uint64_t n) { return (void)unit, n + count++; }
                VALUES(value)
                """, point: "order", reason: "on which units ran before"),
    ]

    @Test("What results depend on is found and named", arguments: cases)
    func caught(_ example: Case) throws {
        if example.point == "processor", try CheckedModule.levels() < 2 { return }
        let report = try CheckedModule(example.source, yaml: CheckedModule.anySample, threads: example.threads).report()
        let finding = try #require(report.finding(example.point), "\(report.lines)")
        #expect(finding.status == .failed, "\(report.lines)")
        #expect(finding.detail.contains(example.reason), "\(finding.detail)")
        #expect(!finding.remedy.isEmpty)
        #expect(report.determinism == .none)
    }

    @Test("A module that depends on nothing passes every point and is called exact")
    func honest() throws {
        let source = """
            static uint64_t value(const talkoot_unit *unit, uint64_t n) { return (void)unit, n * n; }
            VALUES(value)
            """
        let report = try CheckedModule(source, yaml: CheckedModule.anySample).report()
        #expect(report.failed == [], "\(report.lines)")
        #expect(report.determinism == .exact)
        #expect(report.finding("samples")?.detail.contains("SHA-256") == true)
        #expect(report.cost.map(\.items).last == 40)
    }

    @Test("A module that says itself that its results differ is not blamed for it")
    func declared() throws {
        let report = try CheckedModule(Self.cases[0].source, yaml: "determinism: none\n" + CheckedModule.anySample).report()
        #expect(report.failed == [], "\(report.lines)")
        #expect(report.finding("repeat")?.detail.contains("the manifest declares none") == true)
        #expect(report.determinism == .none)
    }
}
