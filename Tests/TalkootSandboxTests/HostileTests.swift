import Foundation
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

@Suite("The hostile suite")
struct HostileTests {
    @Test("Every attack ends exactly as the table says, with all layers")
    func allLayers() throws {
        let suite = try HostileModule.suite(layers: .all(isRoot: geteuid() == 0), library: HostileModule.library())
        for line in try HostileModule.surprises(suite) { Issue.record("\(line)") }
    }

    @Test("The same without namespaces, where the filter stands alone with Landlock and limits")
    func withoutNamespaces() throws {
        let own: LayerSet = geteuid() == 0 ? [.ownUser] : []
        let suite = try HostileModule.suite(layers: own.union([.landlock, .limits, .filter]), library: HostileModule.library())
        for line in try HostileModule.surprises(suite) { Issue.record("\(line)") }
    }

    @Test("The table has at least eighty attacks of different names")
    func size() {
        let names = AttackTable.attacks.map(\.name)
        #expect(names.count >= 80)
        #expect(Set(names).count == names.count)
    }

    @Test("The table in docs/threat-model.md is the one in the code")
    func document() throws {
        try GoldenFile.compare(AttackTable.markdown, withSection: "attacks", of: "docs/threat-model.md")
    }
}
