import Glibc
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

@Suite("Cells with fewer layers")
struct LowerLevelTests {
    /// Everything but namespaces, and everything but namespaces and Landlock.
    static let reduced: [LayerSet] = [[.landlock, .limits, .filter], [.limits, .filter]]

    private func cell(_ layers: LayerSet, run body: String) throws -> Cell {
        let path = try BuiltProduct.path("talkoot-cell")
        let starter = CellStarter(cellPath: path, spawner: try Spawner(path: path))
        let own: LayerSet = geteuid() == 0 ? [.ownUser] : []
        let settings = try CellSettings(library: Workshop.library(run: body), limits: Workshop.limits)
        return try starter.start(settings, layers: layers.union(own))
    }

    @Test("The filter alone keeps files, sockets and other processes away", arguments: reduced)
    func attacks(layers: LayerSet) throws {
        let open = try cell(layers, run: "return open(\"/etc/passwd\", O_RDONLY) == -1 && errno == ENOENT ? 0 : -1;")
        #expect(open.run(Workshop.batch(0..<1)).failure == nil)
        for body in ["return socket(AF_INET, SOCK_STREAM, 0);", "return fork();", "return kill(1, 9);"] {
            #expect(try cell(layers, run: body).run(Workshop.batch(0..<1)).failure?.outcome.isForbidden == true)
        }
    }

    @Test("A cell may signal itself and nobody else, whatever its process id is", arguments: reduced)
    func ownProcess(layers: LayerSet) throws {
        let outcome = try cell(layers, run: "abort();").run(Workshop.batch(0..<1)).failure?.outcome
        guard case .crashed(SIGABRT, _) = outcome else {
            Issue.record("it ended with \(String(describing: outcome))")
            return
        }
        let other = try cell(layers, run: "return syscall(SYS_tgkill, 1, 1, 0);").run(Workshop.batch(0..<1)).failure?.outcome
        #expect(other?.isForbidden == true)
    }

    @Test("Layers make the level that the specification names")
    func levels() {
        #expect(LayerSet.all(isRoot: true).level(isRoot: true) == 4)
        #expect(LayerSet.all(isRoot: false).level(isRoot: false) == 4)
        #expect(LayerSet([.landlock, .limits, .filter]).level(isRoot: false) == 2)
        #expect(LayerSet([.limits, .filter]).level(isRoot: false) == 1)
        #expect(LayerSet([.limits, .filter]).level(isRoot: true) == 0)
        #expect(LayerSet([.limits, .landlock, .namespaces]).level(isRoot: false) == 0)
    }
}
