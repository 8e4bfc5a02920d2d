import Foundation
import TalkootCore
import TalkootSandbox
import Testing

@Suite("Crashes and their attribution")
struct CrashTests {
    @Test(
        "A crash names its signal, the function and the place in the module",
        arguments: [
            ("*(volatile int *)8 = 1;", SIGSEGV, "run"), ("abort();", SIGABRT, "run"), ("__builtin_trap();", SIGILL, "run"),
            ("raise(SIGFPE);", SIGFPE, "run"), ("raise(SIGSYS);", SIGSYS, "run"), ("overflow(1);", SIGSEGV, "overflow"),
            ("memcpy((void *)16, unit, unit->item_count + 64);", SIGSEGV, "run"), ("last_call();", SIGABRT, "last_call"),
        ])
    func signals(statement: String, signal: Int32, function: String) throws {
        let outcome = try Workshop.outcome(
            run: statement + " return TALKOOT_OK;",
            before:
                """
                __attribute__((noinline)) static int overflow(int n) {
                    volatile char big[4096];
                    big[0] = n;
                    return overflow(n + big[0]) + 1;
                }
                // The call of abort is its last instruction: the return address lies in the next function.
                __attribute__((noinline)) static void last_call(void) { abort(); }
                """
        )
        guard case .crashed(let named, let place) = outcome else {
            Issue.record("\(statement) was answered with \(outcome)")
            return
        }
        #expect(named == signal)
        #expect(place.hasPrefix("\(function) (module.so+0x"), "\(place)")
    }

    @Test("A C++ function is named as its author wrote it")
    func cxx() throws {
        let library = try Workshop.library(
            run: "return home::line(unit->index).connect();",
            before: """
                namespace home {
                    struct line {
                        unsigned long number;
                        explicit line(unsigned long n) : number(n) {}
                        __attribute__((noinline)) int connect() const { return socket(AF_INET, SOCK_STREAM, (int)number); }
                    };
                }
                """, language: .cxx)
        let outcome = try Workshop.cell(library).run(Workshop.batch(0..<1)).failure?.outcome
        guard case .forbidden("socket", 41, let place) = outcome else {
            Issue.record("it was answered with \(outcome ?? .done)")
            return
        }
        #expect(place.hasPrefix("home::line::connect (module.so+0x"), "\(place)")
        #expect(outcome?.summary.hasPrefix("stopped at the forbidden system call socket (41) in home::line::connect (module.so+0x") == true)
    }

    @Test("A crash belongs to the unit that ran; those before it keep their results")
    func attribution() throws {
        let cell = try Workshop.cell(
            Workshop.library(
                run: """
                    if (unit->index == 17) *(volatile int *)0 = 1;
                    return host->write(host, "r", 1);
                    """))
        let result = cell.run(Workshop.batch(10..<30))
        #expect(result.units == 10..<17)
        #expect(result.bytes.count == 7)
        #expect(result.failure?.unit == 17)
        #expect(!cell.isAlive)
        #expect(cell.run(Workshop.batch(18..<19)).failure?.outcome == .failed(message: "the cell is gone"))
    }

    @Test(
        "An end without an answer is a failure, also with status 0", arguments: [("exit(0);", 0), ("_exit(3);", 3), ("_exit(159);", 159)])
    func exits(statement: String, status: Int32) throws {
        #expect(try Workshop.outcome(run: statement + " return TALKOOT_OK;") == .exited(status: status))
    }

    @Test(
        "What a constructor does while the library is loaded fails the launch",
        arguments: [
            ("exit(0);", "ended without an answer, with status 0"), ("abort();", "crashed by signal 6 in first (module.so+0x"),
            ("socket(AF_INET, SOCK_STREAM, 0);", "forbidden system call socket (41) in first (module.so+0x"),
            ("mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);", "forbidden system call mmap"),
            ("mmap(0, 4096, 5, MAP_PRIVATE, 4, 0) == MAP_FAILED ? abort() : (void)0;", "crashed by signal 6"),
            ("fork();", "forbidden system call"), ("for (;;);", "stopped after its limit of 0.2 s"),
            ("for (;;) sleep(10);", "stopped after its limit of 0.2 s"),
        ])
    func constructors(statement: String, words: String) throws {
        var limits = Workshop.limits
        limits.unitWallSeconds = 0.2
        let library = try Workshop.library(
            run: "return TALKOOT_OK;", before: "__attribute__((constructor)) static void first(void) { \(statement) }")
        let error = #expect(throws: TalkootError.self) { try Workshop.cell(library, limits: limits) }
        #expect(error?.code == .badData)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(
        "A library that is no module is refused with its reason",
        arguments: [
            ("", "it does not export talkoot_module_v1"), (Self.entry("return 0;"), "returned NULL"),
            (Self.entry("h->fail(h, \"too old\"); return 0;"), "too old"),
            ("static talkoot_module m = {1, sizeof m};" + Self.entry("return &m;"), "it has no run"),
            ("static talkoot_module m = {2, sizeof m};" + Self.entry("return &m;"), "its abi_version is not 1"),
            ("static talkoot_module m = {1, 24};" + Self.entry("return &m;"), "its struct_size is smaller"),
        ])
    func noModule(source: String, words: String) throws {
        let library = try LibraryImage(bytes: Workshop.compile("#include \"talkoot.h\"\nint nothing;\n" + source))
        let error = #expect(throws: TalkootError.self) { try Workshop.cell(library) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("Bytes that are no library are refused")
    func noLibrary() throws {
        for bytes in [[UInt8]("not a library".utf8), [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], [UInt8](repeating: 0xff, count: 4096)] {
            let library = try LibraryImage(bytes: bytes)
            let error = #expect(throws: TalkootError.self) { try Workshop.cell(library) }
            #expect(error?.code == .badData)
        }
    }

    /// The exported function with this body.
    private static func entry(_ body: String) -> String {
        "\nTALKOOT_EXPORT const talkoot_module *talkoot_module_v1(const talkoot_host *h) { \(body) }\n"
    }
}
