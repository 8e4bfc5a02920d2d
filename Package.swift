// swift-tools-version: 6.2

import PackageDescription

// MARK: Settings

/// Every Swift target: Swift 6 language mode, the upcoming features the code is written for, and no warning left standing.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// C that runs beside or inside the sandbox.
let strictC: [CSetting] = [
    .unsafeFlags(["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-fstack-protector-strong"])
]

/// SwiftPM links a C executable through the Swift driver, which would make it load Swift's runtime (4 ms at every start).
/// This flag keeps the runtime out; a test reads the ELF file and holds it to that.
let withoutSwiftRuntime: [LinkerSetting] = [
    .unsafeFlags(["-enable-experimental-feature", "Embedded"]), .linkedLibrary("dl"),
]

// MARK: Products of other packages

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
    name: "talkoot",
    products: [
        .executable(name: "talkoot", targets: ["talkoot"]),
        .executable(name: "talkoot-cell", targets: ["talkoot-cell"]),
        .executable(name: "talkoot-bare", targets: ["talkoot-bare"]),
        // For authors' own packages: the Swift library, and the command `swift package package-module NAME`.
        .library(name: "TalkootModule", targets: ["TalkootModule"]),
        .library(name: "TalkootAsync", targets: ["TalkootAsync"]),
        .plugin(name: "PackageModule", targets: ["PackageModule"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: C
        .target(name: "CTalkoot"),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .target(name: "CTalkootSystem", cSettings: strictC),

        // MARK: For module authors
        // `talkoot module build` compiles these sources as Embedded Swift; these targets keep them sound as ordinary Swift, too.
        .target(name: "TalkootModule", dependencies: ["CTalkoot"], swiftSettings: strict),
        .target(name: "TalkootAsync", dependencies: ["TalkootModule"], swiftSettings: strict),

        .plugin(
            name: "PackageModule",
            capability: .command(intent: .custom(verb: "package-module", description: "Build and pack a library product as a module."))),

        // MARK: The sandboxed process
        .executableTarget(
            name: "talkoot-cell", dependencies: ["CTalkoot"],
            cSettings: strictC + [.headerSearchPath("../CTalkootSystem/include")], linkerSettings: withoutSwiftRuntime),

        // A plain loader without any confinement, for a debugger.
        .executableTarget(name: "talkoot-bare", dependencies: ["CTalkoot"], cSettings: strictC, linkerSettings: withoutSwiftRuntime),

        // MARK: Pure
        .target(name: "TalkootCore", swiftSettings: strict),
        .target(name: "TalkootScheduling", dependencies: ["TalkootCore", deque, heap], swiftSettings: strict),
        .target(
            name: "TalkootSimulation", dependencies: ["TalkootCore", "TalkootScheduling", "TalkootProtocol", nioCore, heap],
            swiftSettings: strict),
        .target(name: "TalkootProtocol", dependencies: ["TalkootCore", nioCore], swiftSettings: strict),

        // MARK: Effects
        .target(name: "TalkootPackaging", dependencies: ["TalkootCore", crypto, "CArchive", yams], swiftSettings: strict),
        .target(
            name: "TalkootSandbox", dependencies: ["TalkootCore", "CTalkootSystem", "CSeccomp", logging], swiftSettings: strict),
        .target(
            name: "TalkootPeer",
            dependencies: ["TalkootCore", "TalkootProtocol", nioCore, nioPosix, nioTLS, nioSSL, crypto, logging],
            swiftSettings: strict),
        .target(name: "TalkootStore", dependencies: ["TalkootCore", grdb, sqlite], swiftSettings: strict),

        .target(name: "TalkootCheck", dependencies: ["TalkootCore", "TalkootPackaging", "TalkootSandbox"], swiftSettings: strict),

        // MARK: Roles
        .target(
            name: "TalkootTracker",
            dependencies: [
                "TalkootCore", "TalkootProtocol", "TalkootPeer", "TalkootStore", "TalkootPackaging", nioCore, nioPosix, crypto,
                cryptoExtras, logging,
            ], swiftSettings: strict),
        .target(
            name: "TalkootCoordinator",
            dependencies: [
                "TalkootCore", "TalkootScheduling", "TalkootProtocol", "TalkootPeer", "TalkootStore", "TalkootPackaging", "TalkootSandbox",
                nioCore, logging,
            ], swiftSettings: strict),
        .target(
            name: "TalkootVolunteer",
            dependencies: [
                "TalkootCore", "TalkootProtocol", "TalkootPeer", "TalkootPackaging", "TalkootSandbox", nioCore, logging,
            ], swiftSettings: strict),

        // MARK: Executables
        .executableTarget(
            name: "talkoot",
            dependencies: [
                "TalkootCore", "TalkootScheduling", "TalkootProtocol", "TalkootPackaging", "TalkootSandbox", "TalkootPeer", "TalkootStore",
                "TalkootCheck", "TalkootTracker", "TalkootCoordinator", "TalkootVolunteer", "TalkootSimulation", arguments, configuration,
                unixSignals, crypto, logging,
            ], swiftSettings: strict),

        // MARK: Measuring
        .executableTarget(
            name: "talkoot-bench",
            dependencies: [
                "TalkootCore", "TalkootScheduling", "TalkootSandbox", "TalkootPackaging", "TalkootProtocol", "TalkootPeer",
                "TalkootTesting",
                logging,
            ], path: "Benchmarks/talkoot-bench", swiftSettings: strict),

        // MARK: Tests
        .target(name: "TalkootTesting", dependencies: ["TalkootCore", "TalkootScheduling", "TalkootProtocol"], swiftSettings: strict),
        .testTarget(name: "TalkootCoreTests", dependencies: ["TalkootCore", "CTalkoot"], swiftSettings: strict),
        .testTarget(name: "TalkootModuleTests", dependencies: ["TalkootModule", "TalkootAsync", "CTalkoot"], swiftSettings: strict),
        .testTarget(name: "TalkootSchedulingTests", dependencies: ["TalkootScheduling", "TalkootTesting"], swiftSettings: strict),
        .testTarget(
            name: "TalkootSimulationTests", dependencies: ["TalkootSimulation", "TalkootScheduling"], swiftSettings: strict),
        .testTarget(
            name: "TalkootProtocolTests", dependencies: ["TalkootCore", "TalkootProtocol", nioCore], exclude: ["Golden"],
            swiftSettings: strict),
        .testTarget(name: "TalkootPackagingTests", dependencies: ["TalkootPackaging", "TalkootTesting"], swiftSettings: strict),
        .testTarget(
            name: "TalkootSandboxTests",
            dependencies: ["TalkootSandbox", "CTalkootSystem", "TalkootPackaging", "TalkootTesting", "talkoot-cell"],
            exclude: ["Golden", "Modules"], swiftSettings: strict),
        .testTarget(
            name: "TalkootCheckTests", dependencies: ["TalkootCheck", "TalkootPackaging", "TalkootTesting", "talkoot-cell"],
            exclude: ["Modules"], swiftSettings: strict),
        .testTarget(
            name: "TalkootPeerTests",
            dependencies: ["TalkootCore", "TalkootProtocol", "TalkootPeer", nioCore, nioPosix, nioEmbedded, nioSSL, logging],
            swiftSettings: strict),
        .testTarget(
            name: "TalkootStoreTests", dependencies: ["TalkootStore", "TalkootCore", "TalkootTesting", grdb], swiftSettings: strict),
        .testTarget(
            name: "TalkootTrackerTests",
            dependencies: [
                "TalkootTracker", "TalkootStore", "TalkootPeer", "TalkootProtocol", "TalkootPackaging", "TalkootCore", "TalkootTesting",
                nioCore, logging,
            ], exclude: ["plain_client.py"], swiftSettings: strict),
        .testTarget(
            name: "TalkootCoordinatorTests",
            dependencies: [
                "TalkootCore", "TalkootScheduling", "TalkootProtocol", "TalkootPeer", "TalkootStore", "TalkootSandbox",
                "TalkootCoordinator",
                "TalkootTesting", "talkoot-cell", logging, nioCore,
            ], swiftSettings: strict),
        .testTarget(
            name: "TalkootVolunteerTests",
            dependencies: [
                "TalkootVolunteer", "TalkootCore", "TalkootProtocol", "TalkootPeer", "TalkootPackaging", "TalkootSandbox", "TalkootStore",
                "TalkootTracker", "TalkootTesting", "talkoot-cell", nioCore, logging,
            ], swiftSettings: strict),
        // A volunteer that lies, fails or dawdles: a process for tests and benchmarks, in no product.
        .executableTarget(
            name: "talkoot-volunteer-testing",
            dependencies: ["TalkootCore", "TalkootPeer", "TalkootPackaging", "TalkootSandbox", "TalkootVolunteer", arguments, logging],
            path: "Tests/talkoot-volunteer-testing", swiftSettings: strict),
        .testTarget(
            name: "CommandTests", dependencies: ["TalkootTesting", "talkoot", "talkoot-cell", "talkoot-volunteer-testing"],
            exclude: ["Programs"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
