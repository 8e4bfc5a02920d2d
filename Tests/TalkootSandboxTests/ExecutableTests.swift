import Foundation
import TalkootTesting
import Testing

@testable import TalkootSandbox

@Suite("The cell's executable")
struct ExecutableTests {
    @Test("talkoot-cell needs libc and nothing else")
    func needs() throws {
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: BuiltProduct.path("talkoot-cell"))))
        #expect(Set(NeededLibraries.names(in: bytes)).subtracting(["libc.so.6"]).isEmpty)
        #expect(NeededLibraries.names(in: bytes).contains("libc.so.6"))
        #expect(NeededLibraries.preload(of: bytes) & 6 == 0)
    }

    @Test("Started by hand it ends at once")
    func byHand() throws {
        let process = Process()
        process.executableURL = try URL(fileURLWithPath: BuiltProduct.path("talkoot-cell"))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
    }

    @Test("Needs are read from any bytes without harm")
    func needsOfAnything() throws {
        let good = try Workshop.compile(
            "#include <math.h>\n__attribute__((visibility(\"default\"))) double f(double x) { return pow(x, x); }", language: .cxx)
        #expect(NeededLibraries.names(in: good).contains("libm.so.6"))
        for length in stride(from: 0, to: good.count, by: 97) { _ = NeededLibraries.names(in: Array(good.prefix(length))) }
        var random = SeededGenerator()  // its seed does not matter: nothing may trap
        for _ in 0..<500 {
            var bytes = good
            for _ in 0..<8 { bytes[Int.random(in: 0..<1024, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            _ = NeededLibraries.names(in: bytes)
        }
    }
}
