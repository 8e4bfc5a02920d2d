import Foundation
import TalkootPeer
import TalkootStore
import Testing

@testable import TalkootTracker

/// What a client of 2016 says and hears, to the byte. These never change.
@Suite("The original messages")
struct OriginalMessagesTests {
    static let said = """
        {"type":"signup","uname":"ann","pwd":"secret","port":"7120"}
        {"type":"signup","uname":"ann","pwd":"other","port":7120}
        {"type":"login","uname":"ann","pwd":"wrong","port":"7120","status":"active"}
        {"type":"get","content":"peerlist"}
        {"type":"login","uname":"ann","pwd":"secret","port":"7120","status":"active"}
        {"type":"get","content":"peerlist"}
        {"type":"modlist","modlist":["primes","mandelbrot"]}
        {"type":"get","content":"modlist"}
        {"type":"get","content":"module","modname":"primes"}
        {"type":"status","uname":"ann","status":"busy"}
        {"type":"status","uname":"ann"}
        {"type":"status","uname":"nobody"}
        {"type":"request","title":"t","info":"i","modname":"primes"}
        {"type":"strange"}
        {"type":"quit"}

        """

    static let heard = """
        {"type":"rsignup","content":"yes"}
        {"type":"rsignup","content":"exists"}
        {"type":"rlogin","content":"no","reason":"wrong name or password"}
        {"type":"rget","response":"no","reason":"log in first: the list says where people's machines are"}
        {"type":"rlogin","content":"yes"}
        {"type":"rget","response":"yes","size":71}
        [{"uname":"ann","address":"127.0.0.1","port":"7120","status":"active"}]{"type":"rget","response":"yes","size":2}
        []{"type":"rget","response":"no","reason":"there is no module primes here"}
        {"type":"status","uname":"ann","status":"busy"}
        {"type":"error","re":"status","code":"not-found","reason":"nobody here is called nobody"}
        {"type":"response","reply":"no","reason":"a tracker runs nothing; send the request to a peer of the peer list"}

        """

    /// The reply to a type that nobody knows is the protocol's own and may come before others that take work.
    private func withoutUnknown(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("strange") }.joined(separator: "\n")
    }

    @Test("A script through nc gets the original replies, in order, to the byte", .enabled(if: has("nc"), "nc is not installed"))
    func netcat() async throws {
        let scratch = try Scratch()
        try await withTracker(scratch("tracker")) { tracker in
            let heard = try await run("nc", ["-w", "60", "127.0.0.1", String(tracker.port)], input: Self.said)
            #expect(withoutUnknown(heard) == Self.heard)
            #expect(heard.contains(#"{"type":"error","re":"strange","#))
        }
    }

    @Test(
        "A script that ends its stream without a quit gets its replies too", .enabled(if: has("nc"), "nc is not installed"))
    func halfClosed() async throws {
        let scratch = try Scratch()
        try await withTracker(scratch("tracker")) { tracker in
            let said = Self.said.replacingOccurrences(of: "{\"type\":\"quit\"}\n", with: "")
            let heard = try await run("nc", ["-N", "-w", "60", "127.0.0.1", String(tracker.port)], input: said)
            #expect(withoutUnknown(heard) == Self.heard)
        }
    }

    @Test("A plain Python client signs up, logs in, lists, volunteers and asks", .enabled(if: has("python3"), "python3 is not installed"))
    func python() async throws {
        let scratch = try Scratch()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("plain_client.py").path
        try await withTracker(scratch("tracker")) { tracker in
            let heard = try await run("python3", [script, String(tracker.port)])
            #expect(
                heard == """
                    {"type":"rsignup","content":"yes"}
                    {"type":"rsignup","content":"exists"}
                    {"type":"rlogin","content":"yes"}
                    {"type":"rget","response":"yes","size":71}
                    [{"uname":"ann","address":"127.0.0.1","port":"7120","status":"active"}]
                    {"type":"rget","response":"yes","size":2}
                    []
                    {"type":"status","uname":"ann","status":"busy"}
                    {"type":"response","reply":"no","reason":"a tracker runs nothing; send the request to a peer of the peer list"}
                    end

                    """)
        }
    }

    @Test(
        "In clear text from another address every request is a no with a reason",
        .enabled(if: has("nc") && ownAddress() != nil, "nc is not installed, or the machine has no address but loopback"))
    func clearFromElsewhere() async throws {
        let scratch = try Scratch()
        try await withTracker(scratch("tracker"), host: "0.0.0.0") { tracker in
            let address = try #require(ownAddress())
            let said = """
                {"type":"signup","uname":"ann","pwd":"secret","port":"7120"}
                {"type":"login","uname":"ann","pwd":"secret","port":"7120","status":"active"}
                {"type":"get","content":"modlist"}
                {"type":"status","uname":"ann"}
                {"type":"quit"}

                """
            let heard = try await run("nc", ["-w", "60", address, String(tracker.port)], input: said)
            let reason = "clear text can be read on its way here; connect with TLS, or ask the tracker's owner for --insecure-logins"
            #expect(
                heard == """
                    {"type":"rsignup","content":"no","reason":"\(reason)"}
                    {"type":"rlogin","content":"no","reason":"\(reason)"}
                    {"type":"rget","response":"no","reason":"\(reason)"}
                    {"type":"error","re":"status","code":"refused","reason":"you are not logged in; log in first"}

                    """)
            #expect(try tracker.store.account(named: "ann") == nil)
        }
    }
}
