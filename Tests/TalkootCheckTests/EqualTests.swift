import TalkootCheck
import TalkootCore
import Testing

/// Modules whose results differ honestly, and what the check makes of the `equal` that they bring for it.
@Suite(.serialized) struct EqualTests {
    /// An item's result is its number and a jitter of at most `jitter`, from the clock; `equal` is what the test says.
    private static func source(jitter: Double, equal: String) -> String {
        """
        #include <math.h>
        #include <time.h>
        static int32_t run(const talkoot_host *host, const talkoot_unit *unit) {
            for (uint64_t n = unit->first_item; n < unit->first_item + unit->item_count; n++) {
                struct timespec now;
                clock_gettime(CLOCK_MONOTONIC, &now);
                const double value = 1000.0 + (double)n + \(jitter) * (double)(now.tv_nsec % 1000) / 1000.0;
                if (host->write(host, &value, sizeof value) != TALKOOT_OK) return TALKOOT_FAILED;
            }
            return TALKOOT_OK;
        }
        static int32_t near(const talkoot_host *host, talkoot_bytes a, talkoot_bytes b, bool *same) {
            (void)host;
            *same = false;
            if (a.size != b.size || a.size % sizeof(double) != 0) return TALKOOT_OK;
            for (size_t place = 0; place < a.size; place += sizeof(double)) {
                double left, right;
                memcpy(&left, (const char *)a.data + place, sizeof left);
                memcpy(&right, (const char *)b.data + place, sizeof right);
                if (!(fabs(left - right) <= 1e-6 * fabs(left))) return TALKOOT_OK;
            }
            *same = true;
            return TALKOOT_OK;
        }
        static int32_t always(const talkoot_host *host, talkoot_bytes a, talkoot_bytes b, bool *same) {
            (void)host, (void)a, (void)b;
            *same = true;
            return TALKOOT_OK;
        }
        typedef int32_t (*equality)(const talkoot_host *, talkoot_bytes, talkoot_bytes, bool *);
        extern const equality unused[2];
        const equality unused[2] __attribute__((visibility("hidden"))) = {near, always};
        static const talkoot_module module = {TALKOOT_ABI_VERSION, sizeof(talkoot_module), plan, run, NULL, NULL, \(equal)};
        TALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *host) { return (void)host, &module; }
        """
    }

    private func report(jitter: Double, equal: String) throws -> CheckReport {
        let yaml = "determinism: tolerance\n" + CheckedModule.anySample
        return try CheckedModule(Self.source(jitter: jitter, equal: equal), yaml: yaml).report()
    }

    @Test("Results that differ within a module's own tolerance pass, and the check says so")
    func within() throws {
        let report = try report(jitter: 1e-4, equal: "near")
        #expect(report.failed == [], "\(report.lines)")
        #expect(report.determinism == .tolerance)
        #expect(report.finding("repeat")?.detail.contains("`equal` accepts it") == true, "\(report.lines)")
        #expect(report.finding("equal")?.detail.contains("not for nothing or for noise") == true)
    }

    @Test("Results that differ beyond it fail, with the unit and what they depend on")
    func beyond() throws {
        let report = try report(jitter: 10, equal: "near")
        let finding = try #require(report.finding("repeat"))
        #expect(finding.status == .failed)
        #expect(finding.detail.contains("`equal` says no to unit") && finding.detail.contains("clock_gettime"), "\(finding.detail)")
    }

    @Test(
        "A tolerance without `equal`, and an `equal` that takes everything, are refused",
        arguments: [("NULL", "has no `equal`"), ("always", "takes it for nothing")])
    func useless(equal: String, reason: String) throws {
        let report = try report(jitter: 1e-4, equal: equal)
        let finding = try #require(report.finding("equal"))
        #expect(finding.status == .failed && finding.detail.contains(reason), "\(finding)")
    }
}
