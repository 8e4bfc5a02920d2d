import Foundation
import Glibc

/// Two homes behind routers that translate addresses and let nobody in, and the public network between: network namespaces with
/// an nftables masquerade each, for root alone. Removed at the end.
final class RoutedNetwork: Sendable {
    /// Where commands are run.
    enum Place: String, CaseIterable, Sendable {
        case publicHost = "p"
        case firstRouter = "r"
        case secondRouter = "s"
        case firstHome = "a"
        case secondHome = "b"
    }

    /// The public host's address, which both homes can dial.
    static let publicAddress = "198.51.100.1"

    /// Why there can be no such network here; `nil` when there can.
    static let obstacle: String? = {
        guard getuid() == 0 else { return "network namespaces are for root" }
        for program in ["ip", "nft"] where !isInstalled(program) { return "\(program) is not installed" }
        guard let network = try? RoutedNetwork() else { return "this kernel has no network namespaces with address translation" }
        withExtendedLifetime(network) {}
        return nil
    }()

    private let prefix = "tk\(getpid() % 100_000)x\(UInt8.random(in: 0 ... .max))"

    init() throws {
        for place in Place.allCases {
            try Self.shell("ip", "netns", "add", name(place))
            try Self.shell("ip", "-n", name(place), "link", "set", "lo", "up")
        }
        try link(.publicHost, "198.51.100.1/24", .firstRouter, "198.51.100.2/24")
        try link(.publicHost, "203.0.113.1/24", .secondRouter, "203.0.113.2/24")
        try link(.firstRouter, "192.168.1.1/24", .firstHome, "192.168.1.2/24")
        try link(.secondRouter, "192.168.2.1/24", .secondHome, "192.168.2.2/24")
        let gateways: [(Place, String)] = [
            (.firstRouter, "198.51.100.1"), (.secondRouter, "203.0.113.1"), (.firstHome, "192.168.1.1"), (.secondHome, "192.168.2.1"),
        ]
        for (place, gateway) in gateways { try Self.shell("ip", "-n", name(place), "route", "add", "default", "via", gateway) }
        for place in [Place.publicHost, .firstRouter, .secondRouter] {
            try Self.shell("ip", "netns", "exec", name(place), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        }
        for router in [Place.firstRouter, .secondRouter] { try translate(router) }
    }

    deinit {
        for place in Place.allCases { try? Self.shell("ip", "netns", "del", name(place)) }
    }

    /// Starts the built `talkoot` of a home somewhere.
    func start(_ home: TestHome, at place: Place, _ arguments: String...) throws -> CommandProcess {
        try CommandProcess(
            "ip", ["netns", "exec", name(place), try home.program()] + arguments, environment: home.environment, directory: home.directory)
    }

    /// Runs the built `talkoot` to its end, which must be a good one, and gives what it printed.
    @discardableResult
    func run(_ home: TestHome, at place: Place, _ arguments: String...) async throws -> String {
        let process = try CommandProcess(
            "ip", ["netns", "exec", name(place), try home.program()] + arguments, environment: home.environment, directory: home.directory)
        let status = try await process.finish(within: 90)
        guard status == 0 else { throw Failure("\(process.title) ended with \(status): \(process.errors)") }
        return process.output
    }

    private func name(_ place: Place) -> String { prefix + place.rawValue }

    private func link(_ first: Place, _ firstAddress: String, _ second: Place, _ secondAddress: String) throws {
        let ends = (name(first) + second.rawValue, name(second) + first.rawValue)
        try Self.shell("ip", "link", "add", ends.0, "netns", name(first), "type", "veth", "peer", "name", ends.1, "netns", name(second))
        for (place, end, address) in [(first, ends.0, firstAddress), (second, ends.1, secondAddress)] {
            try Self.shell("ip", "-n", name(place), "addr", "add", address, "dev", end)
            try Self.shell("ip", "-n", name(place), "link", "set", end, "up")
        }
    }

    /// Home routers' habit: outgoing connections get the router's address, incoming ones are dropped.
    private func translate(_ router: Place) throws {
        let outside = name(router) + Place.publicHost.rawValue
        try Self.shell(
            "ip", "netns", "exec", name(router), "nft",
            """
            table ip talkoot {
                chain leaving { type nat hook postrouting priority 100; oifname "\(outside)" masquerade; }
                chain arriving { type filter hook input priority 0; iifname "\(outside)" ct state new drop; }
                chain passing { type filter hook forward priority 0; iifname "\(outside)" ct state new drop; }
            }
            """.replacing(" }\n", with: "\n}\n"))
    }

    private static func shell(_ words: String...) throws {
        let (process, silence) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["PATH=/usr/sbin:/sbin:/usr/bin:/bin"] + words
        process.standardError = silence
        try process.run()
        let message = silence.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure("\(words.joined(separator: " ")): \(String(decoding: message, as: UTF8.self))")
        }
    }
}

/// Whether a program is there to be run, also one for the administrator.
func isInstalled(_ program: String) -> Bool {
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (path + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]).contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
}
