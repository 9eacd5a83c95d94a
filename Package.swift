// swift-tools-version: 6.2
// What Dundian is made of, bottom up: a target uses only what stands above it.

import PackageDescription

/// The server's packages (SwiftNIO, Hummingbird) stand behind this trait, so that a client-only build fetches none of them:
/// `swift build --product dundian --disable-default-traits`.
let server = TargetDependencyCondition.when(traits: ["Server"])
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
/// Light, and only interfaces: what is logged and counted goes where the program that embeds the library sends it.
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

let package = Package(
    name: "dundian",
    products: [
        .library(name: "Dundian", targets: ["Dundian"]),
        .library(name: "DundianConformance", targets: ["DundianConformance"]),
        .executable(name: "dundian", targets: ["dundian-cli"]),
        .executable(name: "dundian-server", targets: ["dundian-server"]),
        .executable(name: "dundian-simulate", targets: ["dundian-simulate"]),
    ],
    traits: [
        .trait(name: "Server", description: "The central service and its packages."),
        .default(enabledTraits: ["Server"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", exact: "0.10.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The core: values and machines, portable, no I/O.
        .target(name: "Causality"),
        .target(name: "Records", dependencies: ["Causality"]),
        .target(name: "Journals", dependencies: ["Causality", crypto]),
        .target(
            name: "Wire",
            dependencies: [
                "Causality", "Records", "Journals", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .target(name: "Replicas", dependencies: ["Causality", "Records", "Journals", "Wire"]),
        .target(name: "Access", dependencies: ["Journals", crypto]),
        .target(name: "Sync", dependencies: ["Causality", "Journals", "Wire", "Replicas", "Access"]),
        .target(name: "Attachments", dependencies: ["Causality", "Records", "Journals", "Wire", "Replicas"]),
        .target(name: "Chance"),
        .target(
            name: "Simulation", dependencies: ["Causality", "Chance", "Records", "Journals", "Wire", "Replicas", "Sync"]),
        .target(
            name: "Supervision", dependencies: ["Causality", "Records"],
            resources: [.embedInCode("supervision.json")]
                + (2018...2026).map { .embedInCode("holidays-\($0).json") }),

        // Adapters: one technology each, ignorant of each other.
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "Files", dependencies: ["Causality", "Journals", "Wire", "Replicas", "Attachments"]),
        .target(name: "Compression", dependencies: ["Wire", "CZstd", "CZlib"]),
        .target(
            name: "StoreSQLite", dependencies: ["Causality", "Records", "Journals", "Wire", "Replicas", "CSQLite", grdb]),
        .target(
            name: "TransportHTTP",
            dependencies: ["Causality", "Journals", "Wire", "Replicas", "Attachments", "Sync", "Access", "CCurl"]),

        .target(
            name: "TransportTCP", dependencies: ["Causality", "Journals", "Wire", "Replicas", "Sync", "Access"]),

        // What others embed.
        .target(
            name: "Dundian",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "Attachments", "Sync", "Supervision", "Files",
                "Compression", "StoreSQLite", "TransportHTTP", "TransportTCP", logging,
                .product(name: "Metrics", package: "swift-metrics"),
            ]),

        // With which others test a store or a transport of their own.
        .target(
            name: "DundianConformance",
            dependencies: ["Causality", "Records", "Journals", "Wire", "Replicas", "Sync"], path: "Sources/Conformance"),

        // The central service.
        .target(
            name: "Server",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "Attachments", "Sync", "Supervision", "Access",
                .product(name: "Hummingbird", package: "hummingbird", condition: server),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: server),
                logging,
            ]),

        // Flags and wiring.
        .target(
            name: "Terminal",
            dependencies: [
                "Causality", "Records", "Journals", "Replicas", "Supervision", "Sync", "Files", "StoreSQLite", "TransportHTTP",
                arguments, .product(name: "SwiftCSV", package: "SwiftCSV"),
            ]),
        .target(
            name: "Console", dependencies: ["Causality", "Records", "Journals", "Replicas", "Supervision", "Terminal"]),
        .target(name: "Documents", dependencies: ["Causality", "Records", "Supervision", "Terminal", "Console"]),
        .executableTarget(
            name: "dundian-cli",
            dependencies: ["Journals", "Replicas", "Dundian", "Terminal", "Console", "Documents", arguments, logging]),
        .executableTarget(name: "dundian-simulate", dependencies: ["Simulation", arguments]),
        .executableTarget(
            name: "dundian-server",
            dependencies: [
                "Server", "Files", "Compression", "Console", "Dundian", "Terminal", arguments, crypto,
                .product(name: "Hummingbird", package: "hummingbird", condition: server),
                logging,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: server),
                .product(name: "UnixSignals", package: "swift-service-lifecycle", condition: server),
            ]),

        // Tests, and what they share.
        .target(
            name: "Support", dependencies: ["Causality", "Chance", "Records", "Journals", "Wire", "Replicas"], path: "Tests/Support"
        ),
        .target(
            name: "Worlds",
            dependencies: ["Causality", "Records", "Journals", "Wire", "Replicas", "Simulation", "StoreSQLite", "Sync", "Support"],
            path: "Tests/Worlds"),
        .executableTarget(
            name: "dundian-bench",
            dependencies: [
                "Server", "Compression", "Dundian", "BenchSupport", arguments,
                .product(name: "Hummingbird", package: "hummingbird", condition: server),
                logging,
            ], path: "Tests/Bench"),
        .executableTarget(
            name: "dundian-bench-local",
            dependencies: [
                "Causality", "Records", "Journals", "Replicas", "StoreSQLite", "Chance", "Support", "Worlds", "BenchSupport",
                arguments,
            ], path: "Tests/LocalBench"),
        .target(name: "CPowerVFS", path: "Tests/PowerLoss/CPowerVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "dundian-powerloss",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "Simulation", "StoreSQLite", "Chance", "Worlds",
                "CPowerVFS",
                arguments,
            ], path: "Tests/PowerLoss/Harness"),
        .target(name: "BenchSupport", dependencies: ["Causality", "Records", "CSQLite"], path: "Tests/BenchSupport"),
        .testTarget(
            name: "SyncTests",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "Sync", "Access", "StoreSQLite", "DundianConformance",
                "Chance", "Support",
                "Worlds",
            ]),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Access", "Causality", "Chance", "Journals", "Records", "Replicas", "Supervision", "Support", "Sync", "Terminal",
                "Wire",
                "Worlds",
            ], path: "Tests/FuzzTargets"),
        .testTarget(name: "FuzzTests", dependencies: ["Chance", "FuzzTargets"], exclude: ["Corpus"]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"], exclude: ["planted.json", "Schedules"]),
        .testTarget(name: "DocumentsTests", dependencies: ["Supervision", "Terminal", "Documents"]),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Causality", "Records", "Journals", "Replicas", "Supervision", "Terminal", "Console", "Chance", "Support", "Worlds",
            ]),
        .testTarget(
            name: "DundianTests",
            dependencies: [
                "Dundian", "DundianConformance", "Files", "Records", "Replicas", "Worlds", logging,
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "Attachments", "Files", "Sync", "TransportHTTP", "Dundian",
                "Server",
                "Worlds",
                .product(name: "Hummingbird", package: "hummingbird", condition: server),
                logging,
            ]),
        .testTarget(
            name: "AttachmentsTests",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "Attachments", "Files", "Chance", "Support", "Worlds",
            ]),
        .testTarget(name: "SupervisionTests", dependencies: ["Records", "Supervision", "Chance", "Support"]),
        .testTarget(name: "CompressionTests", dependencies: ["Compression", "Wire", "Chance", "Support"]),
        .testTarget(
            name: "TransportTCPTests",
            dependencies: ["Causality", "Journals", "Wire", "Replicas", "Sync", "TransportTCP", "Chance", "Support", "Worlds"]),
        .testTarget(name: "AccessTests", dependencies: ["Causality", "Journals", "Access", "Chance", "Support"]),
        .testTarget(name: "CausalityTests", dependencies: ["Causality", "Chance", "Support"]),
        .testTarget(name: "RecordsTests", dependencies: ["Causality", "Records", "Journals", "Replicas", "Chance", "Support"]),
        .testTarget(name: "JournalsTests", dependencies: ["Causality", "Records", "Journals", "Replicas", "Chance", "Support"]),
        .testTarget(
            name: "WireTests",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "Chance", "Support",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "StoreSQLite", "DundianConformance", "Chance", "Support",
                "Worlds",
                grdb,
            ]),
        .testTarget(
            name: "ReplicasTests",
            dependencies: [
                "Causality", "Records", "Journals", "Wire", "Replicas", "StoreSQLite", "Sync", "Chance", "Support", "Worlds", grdb,
            ]),
        .testTarget(
            name: "TerminalTests",
            dependencies: [
                "Causality", "Records", "Journals", "Replicas", "Supervision", "StoreSQLite", "Terminal", "Chance", "Support",
                "Worlds",
                arguments,
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer brings its own `main`, so this is built by Scripts/fuzz alone.
if Context.environment["DUNDIAN_FUZZ"] != nil {
    package.targets.append(.executableTarget(name: "dundian-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz"))
    package.products.append(.executable(name: "dundian-fuzz", targets: ["dundian-fuzz"]))
}

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ]
}
