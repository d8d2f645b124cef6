// swift-tools-version: 6.2

// The house in one page: one line per target, floors from the machine up to the programs. An import may point only to
// the same floor or one above it in this list; Tests/TidyTests enforces it.

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
func room(_ floor: String, _ name: String, uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/\(floor)/\(name)", swiftSettings: strict)
}

/// A header-only system library in `Sources/System/NAME`.
func machine(_ name: String, pkgConfig: String? = nil, package: String? = nil) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig,
        providers: package.map { [.apt([$0])] })
}

/// An executable in `Sources/Programs/NAME`.
func program(_ name: String, uses: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: uses, path: "Sources/Programs/\(name)", swiftSettings: strict)
}

/// A test target in `Tests/NAME`.
func tests(_ name: String, of uses: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: uses, path: "Tests/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "download-service",
    targets: [
        // System: the machine
        machine("CLinux"),
        machine("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        machine("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        machine("CISAL", pkgConfig: "libisal", package: "libisal-dev"),
        room("System", "Posix", uses: ["CLinux"]),

        // Toolkit: knows nothing of jobs
        room("Toolkit", "HTTP"),
        room("Toolkit", "Curl", uses: ["CCurl", "Posix"]),

        // Domain: knows no technology
        room("Domain", "Datasets"),
        room("Domain", "Jobs", uses: ["Datasets"]),
    ]
)
