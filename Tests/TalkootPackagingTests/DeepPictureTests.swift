import Foundation
import TalkootCore
import Testing

@testable import TalkootPackaging

/// A minibrot with spirals round it: its picture is some 10^-16 wide.
private let real = "77568376999969610957859764521740731234227645335779078604832546238"
private let imaginary = "0.13646737000038192117334776868720805785820647945894295037071494798"

private func deep(center: String, _ more: [String: ParameterValue] = [:], itemsPerUnit: UInt64 = 10, library: String? = nil) throws -> Png {
    var given: [String: ParameterValue] = [
        "width": .integer(60), "height": .integer(40), "center": .text(center), "zoom": .real(3.125e16), "iterations": .integer(20000),
        "samples": .integer(1), "skip": .integer(500),
    ]
    given.merge(more) { $1 }
    return try Png(try SampleModule.mandelbrot.get().run(given, itemsPerUnit: itemsPerUnit, library: library))
}

@Test("A deep picture's dots are the same when the middle, whose way all others are told from, is another point")
func otherMiddle() throws {
    // A dot is 2e-18 wide, so that 4e-17 are twenty dots to the right, and 2e-17 ten dots up.
    let first = try deep(center: "-0.\(real),\(imaginary)").dots()
    let right = try deep(center: "-0.\(real.replacing("6961095", with: "6960695")),\(imaginary)").dots()
    let up = try deep(center: "-0.\(real),\(imaginary.replacing("3819211", with: "3819411"))").dots()
    #expect(Set(first.joined()).count > 100)
    for row in 0..<40 { #expect(first[row][20...] == right[row][..<40]) }
    for row in 0..<30 { #expect(first[row] == up[row + 10]) }
}

@Test("A deep picture is the same for every size of unit and every level")
func deepUnits() throws {
    let first = try deep(center: "-0.\(real),\(imaginary)").rows
    for library in try SampleModule.mandelbrot.get().runnable {
        for size: UInt64 in [1, 7, 100] {
            let rows = try deep(center: "-0.\(real),\(imaginary)", itemsPerUnit: size, library: library).rows
            #expect(rows == first, "units of \(size), \(library)")
        }
    }
}

@Test("Where doubles are enough, the way of deep pictures draws nearly the same")
func bothWays() throws {
    let view: [String: ParameterValue] = ["zoom": .real(300), "iterations": .integer(500), "skip": .integer(0)]
    let drawn = try deep(center: "-0.7436,0.1318", view).dots().joined()
    let known = try plain(view.merging(["center-x": .real(-0.7436), "center-y": .real(0.1318)]) { $1 }).dots().joined()
    let far = zip(drawn, known).filter { abs(Int($0.red) - Int($1.red)) + abs(Int($0.green) - Int($1.green)) > 4 }.count
    #expect(Set(known).count > 100)
    #expect(far < 60, "\(far) of 2400 dots differ")
}

@Test("A center that is none is refused", arguments: ["1", "1;2", "1,2x", ",", "0.5,", "4,0", "--1,0", "0.1.2,0", "1e-3,0"])
func faultyCenter(_ center: String) throws {
    let scratch = try Scratch()
    let given: [String: ParameterValue] = ["center": .text(center), "width": .integer(8), "height": .integer(8)]
    let found = error { try SampleModule.mandelbrot.get().run(given, itemsPerUnit: 1, errors: scratch("errors")) }
    #expect(found != nil)
    #expect(String(decoding: try bytes(of: scratch("errors")), as: UTF8.self).contains("two decimal numbers"))
}

private func plain(_ given: [String: ParameterValue]) throws -> Png { try deep(center: "", given) }

/// A dot's colour.
struct Dot: Hashable {
    let red, green, blue: UInt8
}

extension Png {
    /// The dots, row by row, with the filters of RFC 2083 undone.
    func dots() -> [[Dot]] {
        let size = 3 * width
        var above = [UInt8](repeating: 0, count: size)
        return (0..<height).map { row in
            let start = row * (size + 1)
            var bytes = Array(rows[start + 1...start + size])
            for index in 0..<size {
                let (left, corner) = index < 3 ? (0, 0) : (Int(bytes[index - 3]), Int(above[index - 3]))
                let guess =
                    switch rows[start] {
                    case 1: left
                    case 2: Int(above[index])
                    case 3: (left + Int(above[index])) / 2
                    case 4: Self.paeth(left, Int(above[index]), corner)
                    default: 0
                    }
                bytes[index] &+= UInt8(guess)
            }
            above = bytes
            return stride(from: 0, to: size, by: 3).map { Dot(red: bytes[$0], green: bytes[$0 + 1], blue: bytes[$0 + 2]) }
        }
    }

    private static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
        let guess = left + above - corner
        let (a, b, c) = (abs(guess - left), abs(guess - above), abs(guess - corner))
        return a <= b && a <= c ? left : b <= c ? above : corner
    }
}
