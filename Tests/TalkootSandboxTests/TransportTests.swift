import Foundation
import TalkootCore
import TalkootSandbox
import Testing

/// Lies on the channel and in the shared memory are in the hostile suite and in ``LiarTests``.
@Suite("What a module gives back")
struct TransportTests {
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

    @Test("A large result that starts at an odd place arrives whole")
    func large() throws {
        var limits = Workshop.limits
        limits.outputBytes = 16 << 20
        let body = """
            const size_t size = (5 << 20) + 7; unsigned char *bytes = malloc(size);
            for (size_t i = 0; i < size; i++) bytes[i] = i * 7 >> 2;
            return host->write(host, "abc", 3) || host->write(host, bytes, size);
            """
        let settings = CellSettings(library: try Workshop.library(run: body), limits: limits)
        let result = try Workshop.launcher().launch(settings).run(Workshop.batch(0..<1))
        #expect(result.failure == nil)
        let count = (5 << 20) + 7
        let pattern: [UInt8] = (0..<count).map { (index: Int) -> UInt8 in UInt8(truncatingIfNeeded: (index &* 7) >> 2) }
        #expect(Array(result.bytes.prefix(3)) == Array("abc".utf8))
        #expect(Array(result.bytes.dropFirst(3)) == pattern)
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
}
