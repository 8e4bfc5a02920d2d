import Foundation
import Testing

@Suite("What a fuzzer found")
struct FuzzRegressionTests {
    @Test(
        "Every input that is kept in Fuzz/Corpora is read without harm, the same in one piece and in several",
        arguments: ProtocolParser.allCases)
    func corpus(parser: ProtocolParser) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let directory = root.appendingPathComponent("Fuzz/Corpora/\(parser.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        #expect(files.count > 20)
        for file in files {
            let fault = parser.fault(reading: Array(try Data(contentsOf: file)))
            #expect(fault == nil, "\(file.lastPathComponent)")
        }
    }
}
