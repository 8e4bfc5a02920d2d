import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

/// An entry of a matrix as the module's README and header define it.
private func entry(_ seed: UInt64, _ matrix: UInt64, _ row: Int, _ column: Int) -> Double {
    var bits = (seed &* 2 &+ matrix) &* 0xD134_2543_DE82_EF95 &+ (UInt64(row) << 32 | UInt64(column)) &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    bits ^= bits >> 31
    return Double(bits >> 11) * 0x1p-52 - 1
}

@Test("A product of matrices has the bits of the plain sums, at every level and for every size of unit", arguments: [1, 5, 49, 101])
func product(_ size: Int) throws {
    let module = try SampleModule.matmul.get()
    var known: [UInt8] = []
    let right = (0..<size).map { column in (0..<size).map { entry(9, 1, $0, column) } }
    for row in 0..<size {
        let left = (0..<size).map { entry(9, 0, row, $0) }
        for column in 0..<size {
            let sum = zip(left, right[column]).reduce(0.0) { $0 + $1.0 * $1.1 }
            withUnsafeBytes(of: sum.bitPattern.littleEndian) { known += $0 }
        }
    }
    for library in module.runnable {
        for unit: UInt64 in [1, 2, 100] {
            let output = try module.run(["size": .integer(Int64(size)), "seed": .integer(9)], itemsPerUnit: unit, library: library)
            #expect(output == known, "units of \(unit), \(library)")
        }
    }
}
