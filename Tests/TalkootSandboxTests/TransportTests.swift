import Foundation
import TalkootCore
import TalkootSandbox
import Testing

/// Modules that scribble on what they share with the parent. They find the shared memory by its neighbours: the input lies in
/// the request memory, the place that `reserve` returns lies in the response memory, whose first page is 2.5 MiB below.
@Suite("A module that cheats on the exchange")
struct TransportTests {
    /// The status page: the output starts at this distance behind it.
    private static let status =
        "volatile uint64_t *status = (volatile uint64_t *)((char *)host->reserve(host, 16) - (4096 + 8 * 65536 + (2 << 20)));"

    @Test("A number of finished units beyond what was asked for ends the cell", arguments: ["2", "1ull << 60", "~0ull"])
    func inflatedCount(value: String) throws {
        let cell = try Workshop.cell(
            Workshop.library(run: Self.status + "status[0] = \(value); forge(3, 5, 0); for (;;) sleep(10);", before: Self.forge))
        #expect(cell.run(Workshop.batch(0..<1)).failure?.outcome.isViolation == true)
        #expect(!cell.isAlive)
    }

    @Test(
        "Results that reach beyond the memory, run backwards or pass the limit end the cell",
        arguments: [
            "status[512] = 1ull << 60;", "status[512] = ~0ull;", "status[512] = 64; status[513] = 8;", "status[512] = (1 << 20) + 1;",
        ])
    func wildEnds(statement: String) throws {
        let cell = try Workshop.cell(
            Workshop.library(run: Self.status + "\(statement) status[0] = 2; forge(3, 5, 0); for (;;) sleep(10);", before: Self.forge))
        let result = cell.run(Workshop.batch(0..<2))
        #expect(result.units.isEmpty && result.bytes.isEmpty)
        #expect(result.failure?.outcome.isViolation == true)
        #expect(!cell.isAlive)
    }

    @Test(
        "An answer of the wrong length, number or call ends the cell",
        arguments: [
            "write(3, status, 8); for (;;) sleep(10);", "write(3, status, 4000); for (;;) sleep(10);",
            "write(3, status, 0); for (;;) sleep(10);",
            "forge(4, 5, 0); for (;;) sleep(10);", "forge(3, 6, 0); for (;;) sleep(10);", "forge(3, 5, 99); for (;;) sleep(10);",
        ])
    func wrongAnswers(body: String) throws {
        let cell = try Workshop.cell(Workshop.library(run: Self.status + body, before: Self.forge))
        let outcome = cell.run(Workshop.batch(0..<1)).failure?.outcome
        #expect(outcome?.isViolation == true, "\(String(describing: outcome))")
        #expect(!cell.isAlive)
    }

    @Test("A second answer is not taken for the answer to the next call")
    func doubleAnswer() throws {
        let cell = try Workshop.cell(Workshop.library(run: "forge(3, 5, 0); return TALKOOT_OK;", before: Self.forge))
        _ = cell.run(Workshop.batch(0..<1))
        let outcome = cell.run(Workshop.batch(1..<2)).failure?.outcome
        #expect(outcome?.isViolation == true, "\(String(describing: outcome))")
        #expect(!cell.isAlive)
    }

    @Test("A flood on the socket does not keep the parent from going on")
    func flood() throws {
        let cell = try Workshop.cell(Workshop.library(run: "for (;;) write(3, unit, 16);"))
        #expect(cell.run(Workshop.batch(0..<1)).failure?.outcome.isViolation == true)
    }

    @Test(
        "Output over the limit fails the unit and no more is written",
        arguments: [
            "char *big = calloc(1, 2 << 20); host->write(host, big, 2 << 20); free(big); return TALKOOT_OK;",
            "for (int i = 0; i < 100000; i++) host->write(host, \"0123456789abcdef\", 16); return TALKOOT_OK;",
            "return host->reserve(host, (1 << 20) + 1) == NULL ? TALKOOT_OK : TALKOOT_FAILED;",
            "return host->reserve(host, SIZE_MAX) == NULL ? TALKOOT_OK : TALKOOT_FAILED;",
        ])
    func output(body: String) throws {
        let cell = try Workshop.cell(Workshop.library(run: "if (unit->index == 0) return host->write(host, \"a\", 1); " + body))
        let result = cell.run(Workshop.batch(0..<3))
        #expect(result.units == 0..<1)
        #expect(result.bytes == [0x61])
        #expect(result.failure?.outcome == .output(limitBytes: 1 << 20))
    }

    @Test("The request memory cannot be written by the cell")
    func requestReadOnly() throws {
        let cell = try Workshop.cell(Workshop.library(run: "((char *)unit->input.data)[0] = 1; return TALKOOT_OK;"))
        let outcome = cell.run(Workshop.batch(0..<1, input: [7], inputEnds: [1])).failure?.outcome
        guard case .crashed(SIGSEGV, _) = outcome else {
            Issue.record("it ended with \(String(describing: outcome))")
            return
        }
    }

    @Test("A message that is no text is repaired and bounded")
    func message() throws {
        let cell = try Workshop.cell(
            Workshop.library(run: "char text[4000]; memset(text, 0xff, 3999); text[3999] = 0; return host->fail(host, text);"))
        guard case .failed(let message)? = cell.run(Workshop.batch(0..<1)).failure?.outcome else {
            Issue.record("it did not fail")
            return
        }
        #expect(message.unicodeScalars.count <= 1024)
    }

    /// Sends a header with this sequence number, call and status, as the cell itself would.
    private static let forge = """
        static void forge(uint64_t sequence, uint32_t call, uint32_t status) {
            struct { uint32_t call, status; uint64_t sequence; } header = {call, status, sequence};
            write(3, &header, 16);
        }
        """
}

extension UnitOutcome {
    /// Whether the cell broke the rules of the exchange.
    var isViolation: Bool { if case .violated = self { true } else { false } }
}
