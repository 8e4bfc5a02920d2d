import TalkootCheck
import Testing

/// Cutting, grouping, damaging: what a requester may do to a module.
@Suite(.serialized) struct ShapeTests {
    private static let sum = """
        static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
            uint64_t sum = 0;
            for (uint64_t n = 0; n < unit->item_count; n++) sum += unit->first_item + n;
            return host->write(host, &sum, sizeof sum);
        }
        static int32_t finish(const talkoot_host *host, talkoot_bytes merged) { return host->write(host, merged.data, merged.size); }

        """

    private func report(_ source: String, parameters: String = "") throws -> CheckReport {
        try CheckedModule(source, yaml: CheckedModule.anySample, parameters: parameters).report()
    }

    @Test("A module whose output depends on how it is cut fails for its unit size")
    func unitSize() throws {
        let report = try report(
            """
            static int32_t run(const talkoot_host *host, const talkoot_unit *unit) { return host->write(host, &unit->index, 8); }
            MODULE(run, NULL, NULL)
            """)
        #expect(report.failed == ["unit size"], "\(report.lines)")
        #expect(report.finding("unit size")?.detail.contains("units of") == true)
    }

    @Test("Random numbers from the unit's seed are named as the reason")
    func seeded() throws {
        let report = try report(
            """
            static uint64_t value(const talkoot_unit *unit, uint64_t n) { return unit->seed ^ n; }
            VALUES(value)
            """)
        #expect(report.failed == ["unit size"], "\(report.lines)")
        #expect(report.finding("unit size")?.detail.contains("random numbers come from the unit") == true)
    }

    @Test("A merge that is not associative is found, with a grouping that shows it")
    func grouping() throws {
        // Each fold adds one: the output counts the folds. Units of any size alone do not show it, since one flat merge is one fold.
        let report = try report(
            Self.sum + """
                static int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count) {
                    uint64_t sum = 0, each;
                    for (size_t i = 0; i < count; i++) {
                        if (results[i].size != 8) return host->fail(host, "size");
                        memcpy(&each, results[i].data, 8);
                        sum = sum * 3 + each;
                    }
                    return host->write(host, &sum, sizeof sum);
                }
                MODULE(run, merge, finish)
                """)
        #expect(report.finding("merge")?.status == .failed, "\(report.lines)")
        #expect(report.finding("merge")?.detail.contains("grouped as (") == true)
    }

    @Test("A merge that believes what strangers send is found")
    func trusting() throws {
        let report = try report(
            Self.sum + """
                static int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count) {
                    uint64_t sum = 0;
                    for (size_t i = 0; i < count; i++) {
                        if (results[i].size == 0) abort();
                        uint64_t each = 0;
                        memcpy(&each, results[i].data, results[i].size < 8 ? results[i].size : 8);
                        sum += each;
                    }
                    return host->write(host, &sum, sizeof sum);
                }
                MODULE(run, merge, finish)
                """)
        #expect(report.failed == ["results"], "\(report.lines)")
        #expect(report.finding("results")?.detail.contains("crashed by signal 6") == true)
    }

    @Test("A parameter that the manifest allows and the module does not survive is named with its value")
    func parameters() throws {
        let report = try report(
            Self.sum.replacing("uint64_t sum = 0;", with: "uint64_t sum = 100 / (uint64_t)host->integer(host, \"divisor\");") + """
                static int32_t merge(const talkoot_host *host, const talkoot_bytes *results, size_t count) {
                    uint64_t sum = 0;
                    for (size_t i = 0; i < count; i++) {
                        uint64_t each = 0;
                        if (results[i].size != 8) return host->fail(host, "size");
                        memcpy(&each, results[i].data, 8);
                        sum += each - 14;
                    }
                    sum += 14;
                    return host->write(host, &sum, sizeof sum);
                }
                MODULE(run, merge, finish)
                """, parameters: "  divisor: {type: integer, default: 7}")
        #expect(report.finding("parameters")?.status == .failed, "\(report.lines)")
        #expect(report.finding("parameters")?.detail.contains("divisor=0") == true)
        #expect(report.finding("parameters")?.detail.contains("signal 8") == true)
    }

    @Test("A call that the cell stops is named with the function that made it")
    func stopped() throws {
        let report = try report(
            """
            #include <sys/socket.h>
            __attribute__((noinline)) int phone_home(void) { return 1 + socket(AF_INET, SOCK_STREAM, 0); }
            static uint64_t value(const talkoot_unit *unit, uint64_t n) { return (void)unit, n + (uint64_t)phone_home(); }
            VALUES(value)
            """)
        let finding = try #require(report.finding("samples"))
        #expect(finding.status == .failed)
        #expect(finding.detail.contains("forbidden system call socket"), "\(finding.detail)")
        #expect(finding.detail.contains("phone_home"), "\(finding.detail)")
    }
}
