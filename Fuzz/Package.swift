// swift-tools-version: 6.2

import PackageDescription

// The parsers of what any peer may send, under libFuzzer: `make fuzz`. A package of its own, since its program is built with sanitizers. The
// targets that it tests are the same sources, linked here.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")

let package = Package(
    name: "talkoot-fuzz",
    dependencies: [.package(url: "https://github.com/apple/swift-nio", from: "2.101.0")],
    targets: [
        .target(name: "TalkootCore", swiftSettings: strict),
        .target(name: "TalkootProtocol", dependencies: ["TalkootCore", nioCore], swiftSettings: strict),
        .executableTarget(name: "fuzz-protocol", dependencies: ["TalkootCore", "TalkootProtocol", nioCore], swiftSettings: strict),
    ]
)
