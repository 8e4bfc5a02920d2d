import ArgumentParser
import Glibc
import TalkootCore
import TalkootPackaging
import TalkootPeer

/// `talkoot demo`: a whole network on this machine.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See a whole network on this machine: a tracker, four volunteers and a requester.",
        discussion: """
            talkoot demo
            talkoot demo --output /tmp/picture.png

            All are separate processes that speak the real protocol over TLS, each volunteer with sandboxed cells. They \
            count the primes below 1e9 and draw a Mandelbrot picture. Afterwards only the picture is left.
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the picture goes.", valueName: "file")) var output = "talkoot-demo.png"

    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
        let modules = DemoPlay.Modules(primes: try home.module("primes").path, mandelbrot: try home.module("mandelbrot").path)
        try JobDelivery.check(output)
        let picture = Home.absolute(output)
        let interruption = await Interruption()
        let stage = try DemoStage()
        let play = Task { try await DemoPlay(stage: stage, modules: modules, picture: picture).perform() }
        do {
            try await interruption.run {
                try await play.value
            } stop: {
                play.cancel()
            }
        } catch {
            await stage.clear()
            throw error
        }
        await stage.clear()
    }
}
