// swift-tools-version: 6.2

import PackageDescription

// What authors of modules in SwiftPM packages of their own need, without the dependencies of the rest: `.package(path: "…/talkoot/SDK")` for who has
// the sources here. The same products as those of the package around it.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "talkoot-sdk",
    products: [
        .library(name: "TalkootModule", targets: ["TalkootModule"]),
        .library(name: "TalkootAsync", targets: ["TalkootAsync"]),
        .plugin(name: "PackageModule", targets: ["PackageModule"]),
    ],
    targets: [
        .target(name: "CTalkoot"),
        .target(name: "TalkootModule", dependencies: ["CTalkoot"], swiftSettings: strict),
        .target(name: "TalkootAsync", dependencies: ["TalkootModule"], swiftSettings: strict),
        .plugin(
            name: "PackageModule",
            capability: .command(intent: .custom(verb: "package-module", description: "Build and pack a library product as a module."))),
    ]
)
