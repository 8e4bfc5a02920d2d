// swift-tools-version: 6.2

import PackageDescription

// The parsers of what any peer may send and any author publish, under libFuzzer: `make fuzz`. A package of its own, since its programs are built
// with sanitizers. The targets that they test are the same sources, linked here.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// What reads a package. What hashes and signs it needs a library that takes long to build, and reads nothing.
let readers = [
    "PackageLimits.swift", "Build/BuildSettings.swift", "Files/Files.swift", "Files/OpenFile.swift", "Library", "Manifest",
    "Package/ArchiveReader.swift",
]

let package = Package(
    name: "talkoot-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"), .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .target(name: "TalkootCore", swiftSettings: strict),
        .target(name: "TalkootProtocol", dependencies: ["TalkootCore", nioCore], swiftSettings: strict),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .target(name: "TalkootPackaging", dependencies: ["TalkootCore", "CArchive", yams], sources: readers, swiftSettings: strict),
        .executableTarget(name: "fuzz-packages", dependencies: ["TalkootCore", "TalkootPackaging"], swiftSettings: strict),
        .executableTarget(name: "fuzz-protocol", dependencies: ["TalkootCore", "TalkootProtocol", nioCore], swiftSettings: strict),
    ]
)
