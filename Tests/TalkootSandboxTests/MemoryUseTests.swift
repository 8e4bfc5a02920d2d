import Testing

@testable import TalkootSandbox

@Suite("What stays touched of a cell's memory")
struct MemoryUseTests {
    @Test("Memory that exchanges use again and again is kept, up to its limit")
    func kept() {
        var use = MemoryUse()
        for _ in 0..<1000 { #expect(use.note(16 << 20) == nil) }
        #expect(use.note(MemoryUse.mostBytes + 1) == MemoryUse.mostBytes)
        #expect(use.note(1 << 40) == MemoryUse.mostBytes)
    }

    @Test("What one exchange alone needed is given back within two windows, once")
    func released() {
        var use = MemoryUse()
        #expect(use.note(32 << 20) == nil)
        let answers = (0..<3 * MemoryUse.window).compactMap { _ in use.note(12 << 20) }
        #expect(answers == [12 << 20])
        #expect((0..<2 * MemoryUse.window).compactMap { _ in use.note(64) } == [MemoryUse.leastBytes])
    }

    @Test("Small exchanges never give anything back")
    func small() {
        var use = MemoryUse()
        for _ in 0..<1000 { #expect(use.note(MemoryUse.leastBytes) == nil) }
    }
}
