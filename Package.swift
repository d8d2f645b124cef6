// swift-tools-version: 6.2

// The house in one page: one line per target, floors from the machine up to the programs. An import
// may point only to the same floor or one above it in this list; Tests/TidyTests enforces it.

import PackageDescription

/// What every Swift target of the house is built with.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A library target in `Sources/FLOOR/NAME`.
func module(_ floor: String, _ name: String, uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/\(floor)/\(name)", swiftSettings: strict)
}

/// A header-only system library in `Sources/System/NAME`.
func systemLibrary(_ name: String, pkgConfig: String? = nil, package: String? = nil) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig,
        providers: package.map { [.apt([$0])] })
}

/// An executable in `Sources/Programs/NAME`.
func program(_ name: String, uses: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: uses, path: "Sources/Programs/\(name)", swiftSettings: strict)
}

/// A test target in `Tests/NAME`; it finds its data by its own path, not as resources.
func tests(_ name: String, of uses: [Target.Dependency], data: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: uses, path: "Tests/\(name)", exclude: data,
        swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(
    name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// `Tests/Fuzz`: with libFuzzer's main for `make fuzz`, which a build without that sanitizer has not;
/// otherwise as tests that replay what fuzzing has kept.
let fuzz: Target =
    Context.environment["FUZZ"] == nil
    ? .testTarget(
        name: "HTTPFuzz", dependencies: ["HTTP", "TestSupport"], path: "Tests/Fuzz",
        exclude: ["corpus.txt", "tokens.txt", "run"], swiftSettings: strict)
    : .executableTarget(
        name: "HTTPFuzz", dependencies: ["HTTP"], path: "Tests/Fuzz",
        exclude: ["ReplayTests.swift", "corpus.txt", "tokens.txt", "run"],
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])

let package = Package(
    name: "download-service",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // System: the machine
        systemLibrary("CLinux"),
        systemLibrary("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        systemLibrary("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        systemLibrary("CISAL", pkgConfig: "libisal", package: "libisal-dev"),
        // A handler of fatal signals is C: Swift promises nothing about what it calls.
        .target(
            name: "CCrashReport", path: "Sources/System/CCrashReport", publicHeadersPath: "."),
        module("System", "Posix", uses: ["CCrashReport", "CLinux"]),

        // Toolkit: knows nothing of jobs
        module("Toolkit", "Bytes"),
        module("Toolkit", "Concurrency"),
        module("Toolkit", "JSON", uses: ["Bytes"]),
        module("Toolkit", "HTTP", uses: ["Bytes"]),
        module("Toolkit", "HTTPServer", uses: ["HTTP", "Posix"]),
        module("Toolkit", "SQLite", uses: ["CSQLite", "Posix"]),
        module("Toolkit", "Curl", uses: ["CCurl", "Concurrency", "Posix"]),
        module("Toolkit", "Gzip", uses: ["CISAL"]),

        // Domain: knows no technology
        module("Domain", "Datasets"),
        module("Domain", "Jobs", uses: ["Concurrency", "Datasets"]),
        module("Domain", "Queue", uses: ["Concurrency", "Datasets", "Jobs", logging]),

        // Adapters: one technology each
        module(
            "Adapters", "SQLiteStore",
            uses: ["Bytes", "Datasets", "JSON", "Jobs", "Posix", "SQLite", crypto]),
        module(
            "Adapters", "Tardis",
            uses: [
                "Bytes", "Concurrency", "Curl", "Datasets", "Gzip", "Jobs", "Posix", crypto,
                logging,
            ]),
        module("Adapters", "Notifiers", uses: ["Bytes", "Curl", "Datasets", "Jobs"]),
        module("Adapters", "APITypes", uses: ["JSON"]),
        module(
            "Adapters", "API",
            uses: [
                "APITypes", "Bytes", "Concurrency", "Datasets", "HTTP", "JSON", "Jobs", crypto,
                logging,
            ]),
        module("Adapters", "APIClient", uses: ["APITypes", "Bytes", "Curl", "JSON"]),

        // Programs
        module(
            "Programs", "Daemon",
            uses: [
                "API", "APITypes", "Bytes", "CLinux", "Concurrency", "Curl", "Datasets", "HTTP",
                "HTTPServer", "JSON", "Queue", "SQLiteStore", "Jobs", "Posix", "Tardis",
                "Notifiers", configuration, logging,
            ]),
        program("download-service", uses: ["Daemon"]),
        program(
            "download-client",
            uses: [
                "APIClient", "APITypes", "Bytes", "Curl", "Datasets", "JSON", "Posix",
                argumentParser,
            ]),

        // Tests: one target per room, and those of the whole house
        // The stand-in for Tardis and Telegram, a program of its own for `make demo`.
        .executableTarget(
            name: "tardis-sandbox",
            dependencies: [
                "Bytes", "Datasets", "GzipSupport", "HTTP", "HTTPServer", "Posix", argumentParser,
                crypto,
            ], path: "Tests/Sandbox", swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["CLinux", "Datasets", "Jobs", crypto],
            path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "GzipSupport", dependencies: ["CISAL"], path: "Tests/GzipSupport",
            swiftSettings: strict),
        .target(
            name: "ServiceSupport", dependencies: ["APITypes", "Curl", "JSON", "TestSupport"],
            path: "Tests/ServiceSupport", swiftSettings: strict),
        .target(
            name: "FaultyVFS", dependencies: ["CSQLite"], path: "Tests/FaultyVFS",
            publicHeadersPath: "."),
        .executableTarget(
            name: "FileServerExample", dependencies: ["HTTP", "HTTPServer", "Posix"],
            path: "Tests/FileServerExample", swiftSettings: strict),
        .executableTarget(
            name: "crash-example", dependencies: ["Posix"], path: "Tests/CrashExample",
            swiftSettings: strict),
        tests("PosixTests", of: ["Posix", "TestSupport", "crash-example"]),
        tests("BytesTests", of: ["Bytes", "TestSupport"]),
        tests("ConcurrencyTests", of: ["Concurrency", "Datasets", "TestSupport"]),
        tests("JSONTests", of: ["JSON", "TestSupport"]),
        tests("HTTPTests", of: ["HTTP", "TestSupport"], data: ["Corpus"]),
        fuzz,
        .executableTarget(
            name: "load-server", dependencies: ["HTTP", "HTTPServer"], path: "Tests/LoadServer",
            swiftSettings: strict),
        tests(
            "HTTPServerTests", of: ["HTTP", "HTTPServer", "Posix", "TestSupport", "load-server"]),
        tests("SQLiteTests", of: ["SQLite", "TestSupport"]),
        tests("CurlTests", of: ["CCurl", "Concurrency", "Curl", "TestSupport"]),
        tests("GzipTests", of: ["Gzip", "GzipSupport", "TestSupport"]),
        tests("DatasetsTests", of: ["Datasets", "TestSupport"]),
        tests("JobsTests", of: ["Datasets", "Jobs", "TestSupport"]),
        tests("QueueTests", of: ["Datasets", "Queue", "Jobs", "TestSupport", logging]),
        tests(
            "SQLiteStoreTests",
            of: ["Datasets", "SQLiteStore", "Jobs", "Posix", "SQLite", "TestSupport"]),
        tests(
            "TardisTests",
            of: [
                "Concurrency", "Curl", "Datasets", "Gzip", "GzipSupport", "Jobs", "Posix", "Tardis",
                "TestSupport", logging,
            ]),
        tests(
            "FaultMatrixTests",
            of: [
                "Curl", "Datasets", "FaultyVFS", "Gzip", "HTTP", "HTTPServer", "Queue",
                "SQLiteStore", "Jobs", "Posix", "SQLite", "Tardis", "TestSupport", "tardis-sandbox",
                logging,
            ]),
        tests("NotifiersTests", of: ["Curl", "Datasets", "Jobs", "Notifiers", "TestSupport"]),
        tests("APITypesTests", of: ["APITypes", "JSON"]),
        tests(
            "APITests",
            of: ["API", "APITypes", "Datasets", "HTTP", "JSON", "Jobs", "TestSupport", logging]),
        tests("APIClientTests", of: ["APIClient", "APITypes", "Curl", "JSON", "TestSupport"]),
        tests(
            "DaemonTests",
            of: ["Daemon", "Datasets", "HTTP", "HTTPServer", "Posix", "TestSupport", logging]),
        tests(
            "DownloadClientTests",
            of: [
                "APIClient", "APITypes", "Curl", "Datasets", "JSON", "TestSupport",
                "download-client", argumentParser,
            ]),
        tests(
            "SandboxTests",
            of: ["Curl", "Datasets", "Gzip", "HTTP", "Posix", "TestSupport", "tardis-sandbox"]),
        tests(
            "EndToEndTests",
            of: [
                "APITypes", "Curl", "JSON", "ServiceSupport", "TestSupport", "download-client",
                "download-service", "tardis-sandbox",
            ]),
        tests(
            "TortureTests",
            of: [
                "APITypes", "Curl", "JSON", "ServiceSupport", "TestSupport", "download-service",
                "tardis-sandbox",
            ], data: ["kill-at.c"]),
        tests("TidyTests", of: []),
    ]
)

// Programs of the benchmarks. The first needs a build with `-enable-testing`, which only they make.
if Context.environment["BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "ParserLoop", dependencies: ["HTTP"], path: "Tests/Benchmarks/ParserLoop",
            swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "BookkeepingLoop", dependencies: ["Datasets", "SQLiteStore", "Jobs"],
            path: "Tests/Benchmarks/BookkeepingLoop", swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "DelayedFiles", dependencies: ["HTTP", "HTTPServer", "Posix"],
            path: "Tests/Benchmarks/DelayedFiles", swiftSettings: strict))
}
