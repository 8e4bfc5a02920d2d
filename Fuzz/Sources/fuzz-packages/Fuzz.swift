import Glibc

/// Which parser: the variable PARSER.
private let parser = getenv("PARSER").flatMap { PackageParser(rawValue: String(cString: $0)) }

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let parser else {
        print("set PARSER to one of \(PackageParser.allCases.map(\.rawValue).joined(separator: ", "))")
        exit(64)
    }
    if let fault = parser.fault(reading: Array(UnsafeBufferPointer(start: bytes, count: size))) {
        print(fault)
        fflush(nil)
        abort()
    }
    return 0
}
