import Foundation
import Testing

@Suite("What a fuzzer found of packages")
struct FuzzRegressionTests {
    @Test(
        "Every input that is kept in Fuzz/Corpora is read without harm, and what must hold holds", arguments: PackageParser.allCases)
    func corpus(parser: PackageParser) throws {
        let directory = URL(fileURLWithPath: sourceRoot + "/Fuzz/Corpora/\(parser.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        #expect(files.count > 20)
        for file in files {
            let fault = parser.fault(reading: Array(try Data(contentsOf: file)))
            #expect(fault == nil, "\(file.lastPathComponent)")
        }
    }
}
