import Foundation
import Glibc
import Testing

extension CommandTests {
    @Suite struct Demo {
        @Test("The demonstration counts, draws and leaves nothing behind but the picture")
        func demo() async throws {
            let home = try await TestHome()
            let temporary = home.path("tmp")
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            let demo = try home.start(["demo", "--output", home.path("demo.png")], variables: ["TMPDIR": temporary])
            #expect(try await demo.finish(within: 120) == 0, "\(demo.errors)")
            #expect(demo.output.contains("50847534"))
            #expect(try await LocalRuns.checkPNG(home.path("demo.png"), home: home) == "1920 1080\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
        }

        @Test("Ctrl-C ends the demonstration with all its processes")
        func interrupted() async throws {
            let home = try await TestHome()
            let temporary = home.path("tmp")
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            let demo = try home.start(["demo", "--output", home.path("demo.png")], variables: ["TMPDIR": temporary])
            try await demo.line(on: \.errors) { $0.contains("it is 127.0.0.1:") }
            demo.send(SIGINT)
            #expect(try await demo.finish() == 130, "\(demo.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
        }
    }
}
