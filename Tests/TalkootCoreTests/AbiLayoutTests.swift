import CTalkoot
import Testing

@Suite("The layout of the module interface")
struct AbiLayoutTests {
    /// Version 1 as it was released, on platforms with 64-bit pointers: x86-64 and aarch64 lay these structs out alike.
    /// A module that was built against it relies on every number here.
    static let released: [(name: String, size: Int, offsets: [Int])] = [
        ("talkoot_bytes", 16, [0, 8]),
        ("talkoot_unit", 88, [0, 4, 8, 16, 24, 32, 40, 56, 72]),
        ("talkoot_host", 96, [0, 4, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88]),
        ("talkoot_module", 48, [0, 4, 8, 16, 24, 32, 40]),
    ]

    @Test("No struct of version 1 has changed its size and no field its place")
    func layout() {
        let present: [(name: String, size: Int, offsets: [Int?])] = [
            ("talkoot_bytes", MemoryLayout<talkoot_bytes>.size, Self.bytes),
            ("talkoot_unit", MemoryLayout<talkoot_unit>.size, Self.unit),
            ("talkoot_host", MemoryLayout<talkoot_host>.size, Self.host),
            ("talkoot_module", MemoryLayout<talkoot_module>.size, Self.module),
        ]
        for (now, before) in zip(present, Self.released) {
            #expect(now.name == before.name)
            #expect(now.size == before.size, "\(now.name)")
            #expect(now.offsets == before.offsets, "\(now.name)")
        }
    }

    @Test("The version and the results of callbacks are what modules were built with")
    func constants() {
        #expect(TALKOOT_ABI_VERSION == 1)
        #expect([TALKOOT_OK, TALKOOT_STOPPED, TALKOOT_FAILED] == [0, 1, -1])
        #expect([TALKOOT_LOG_DEBUG, TALKOOT_LOG_INFO, TALKOOT_LOG_WARNING, TALKOOT_LOG_ERROR] == [0, 1, 2, 3])
    }

    private static let bytes = [
        MemoryLayout<talkoot_bytes>.offset(of: \.data), MemoryLayout<talkoot_bytes>.offset(of: \.size),
    ]

    private static let unit = [
        MemoryLayout<talkoot_unit>.offset(of: \.struct_size), MemoryLayout<talkoot_unit>.offset(of: \.attempt),
        MemoryLayout<talkoot_unit>.offset(of: \.index), MemoryLayout<talkoot_unit>.offset(of: \.first_item),
        MemoryLayout<talkoot_unit>.offset(of: \.item_count), MemoryLayout<talkoot_unit>.offset(of: \.seed),
        MemoryLayout<talkoot_unit>.offset(of: \.input), MemoryLayout<talkoot_unit>.offset(of: \.common),
        MemoryLayout<talkoot_unit>.offset(of: \.checkpoint),
    ]

    private static let host = [
        MemoryLayout<talkoot_host>.offset(of: \.abi_version), MemoryLayout<talkoot_host>.offset(of: \.struct_size),
        MemoryLayout<talkoot_host>.offset(of: \.integer), MemoryLayout<talkoot_host>.offset(of: \.real),
        MemoryLayout<talkoot_host>.offset(of: \.flag), MemoryLayout<talkoot_host>.offset(of: \.text),
        MemoryLayout<talkoot_host>.offset(of: \.write), MemoryLayout<talkoot_host>.offset(of: \.reserve),
        MemoryLayout<talkoot_host>.offset(of: \.should_stop), MemoryLayout<talkoot_host>.offset(of: \.progress),
        MemoryLayout<talkoot_host>.offset(of: \.checkpoint), MemoryLayout<talkoot_host>.offset(of: \.log),
        MemoryLayout<talkoot_host>.offset(of: \.fail),
    ]

    private static let module = [
        MemoryLayout<talkoot_module>.offset(of: \.abi_version), MemoryLayout<talkoot_module>.offset(of: \.struct_size),
        MemoryLayout<talkoot_module>.offset(of: \.plan), MemoryLayout<talkoot_module>.offset(of: \.run),
        MemoryLayout<talkoot_module>.offset(of: \.merge), MemoryLayout<talkoot_module>.offset(of: \.finish),
        MemoryLayout<talkoot_module>.offset(of: \.equal),
    ]
}
