import Foundation
import TalkootCore
import Testing

@testable import TalkootSandbox

@Suite("The names of functions in a library")
struct ModuleSymbolsTests {
    @Test(
        "Simple C++ names are written as in the source, others stay as they are",
        arguments: [
            ("sieve", "sieve"), ("_Z5sieveiPKc", "sieve"), ("_ZL5sievev", "sieve"), ("_ZN4home4line7connectEi", "home::line::connect"),
            ("_ZNK4home4line4sizeEv", "home::line::size"), ("_ZN4home4lineC2Em", "home::line::line"),
            ("_ZN4home4lineD1Ev", "home::line::~line"), ("_ZN12_GLOBAL__N_16hiddenEv", "(anonymous)::hidden"),
            ("_Z3maxIiET_S0_S0_", "_Z3maxIiET_S0_S0_"), ("_ZN1aplERKS_", "_ZN1aplERKS_"), ("_Z", "_Z"), ("_Z9x", "_Z9x"), ("_ZN", "_ZN"),
            ("_Z99999999999999999999x", "_Z99999999999999999999x"), ("a\u{1b}[2Jb", "a?[2Jb"),
        ])
    func names(symbol: String, words: String) {
        #expect(SymbolName.readable(Array(symbol.utf8)) == words)
    }

    @Test("Each function of a library is found from its first byte to its last, and nothing beside them")
    func places() throws {
        let bytes = try Workshop.compile(
            "int nothing; __attribute__((noinline)) static int inner(int n) { return n * nothing; }\n"
                + "int outer(int n) { return inner(n) + 1; }")
        let library = try LibraryImage(bytes: bytes)
        let places = (0..<UInt64(bytes.count)).map { library.place($0) }
        let inner = places.indices.filter { places[$0].hasPrefix("inner (module.so+0x") }
        #expect(!inner.isEmpty && inner == Array(inner[0]...inner[inner.count - 1]))
        #expect(places[0] == "module.so+0x0")
        #expect(library.place(.max) == "module.so+0xffffffffffffffff")
    }

    @Test("A library with bytes turned over has other names or none; reading it never goes astray")
    func mangled() throws {
        var random = SeededGenerator()
        let good = try Workshop.compile("static int a(void) { return 1; } int b(void) { return a(); } int c(void) { return 2; }")
        let headers = good.withUnsafeBytes { Int(UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 40, as: UInt64.self))) }
        for _ in 0..<400 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place =
                    Bool.random(using: &random)
                    ? Int.random(in: 32..<64, using: &random) : Int.random(in: headers..<bytes.count, using: &random)
                bytes[place] = [0, 0xff, 0x7f, 0x80, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
            }
            if Int.random(in: 0..<4, using: &random) == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
            let library = try LibraryImage(bytes: bytes)
            for address in [0, 0x1000, 0x1100, UInt64.max, UInt64.random(in: 0...0x2000, using: &random)] {
                let place = library.place(address)
                #expect(place.utf8.count < 512 && place.contains("module.so+0x"), "seed \(random.seed): \(place)")
            }
        }
    }
}
