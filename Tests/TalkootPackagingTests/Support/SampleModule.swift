import Foundation
import TalkootCore

@testable import TalkootPackaging

/// The sample modules, each built once, and the plain host that runs them.
struct SampleModule: Sendable {
    let manifest: Manifest
    /// The libraries, baseline first.
    let libraries: [String]

    static let primes = build("primes")
    static let mandelbrot = build("mandelbrot")
    static let wordcount = build("wordcount")
    static let grep = build("grep")
    static let align = build("align")
    static let matmul = build("matmul")
    static let named = [
        "primes": primes, "mandelbrot": mandelbrot, "wordcount": wordcount, "grep": grep, "nqueens": build("nqueens"),
        "lucas-lehmer": build("lucas-lehmer"), "montecarlo": build("montecarlo"), "zstd": build("zstd"), "align": align, "matmul": matmul,
    ]

    private static func build(_ name: String) -> Result<SampleModule, any Error> {
        Result {
            // A copy: another process may be building the same directory.
            let place = scratch("modules/\(name)")
            try shell(
                "mkdir -p \(scratch("modules")) && cp -r \(sourceRoot)/Modules/\(name) \(scratch("modules")) && rm -rf \(place)/.build")
            let libraries = try ModuleBuilder(sdk: try ModuleSDK(root: sourceRoot)).build(directory: place)
            return SampleModule(manifest: try ModuleSources.manifest(in: place), libraries: libraries.map(\.path))
        }
    }

    private static let place = Result { try Scratch() }

    private static func scratch(_ name: String) -> String { (try? place.get()(name)) ?? "" }

    private static let driver: Result<String, any Error> = Result {
        let place = scratch("driver")
        try shell("cc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -I \(Trivial.headers) \(sourceRoot)/Modules/driver.c -o \(place) -ldl 2>&1")
        return place
    }

    /// Libraries of the levels that this machine runs.
    var runnable: [String] { libraries.filter { path in HostPlatform.current.names.contains { path.contains("/\($0)/") } } }

    /// Runs a whole job cut into units of `itemsPerUnit`, joining `fanIn` results at a time; what the plain host says of a failure goes to `errors`.
    func run(
        _ given: [String: ParameterValue] = [:], itemsPerUnit: UInt64, fanIn: Int = 32, input: String? = nil, library: String? = nil,
        errors: String? = nil
    ) throws -> [UInt8] {
        var words = [try Self.driver.get(), library ?? libraries[0], String(itemsPerUnit), "--fan-in", String(fanIn)]
        if let input { words += ["--input", input] }
        if case .bytes(let size) = manifest.input { words += ["--block", String(size)] }
        for parameter in manifest.parameters {
            guard let value = given[parameter.name] ?? parameter.defaultValue else { continue }
            let text = "\(parameter.name)=\(parameter.kind.rawValue):\(value)"
            words.append("'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'")
        }
        if let errors { words.append("2> \(errors)") }
        return try shell(words.joined(separator: " "))
    }
}
