// swift-tools-version: 6.2
import PackageDescription

/// `SANA_QUANT_WERROR=1` turns warnings into errors, for `make lint` and CI only: another compiler's new
/// warning must never break a user's build.
let warningsAreErrors = Context.environment["SANA_QUANT_WERROR"] == "1"

let swiftSettings: [SwiftSetting] =
    [.strictMemorySafety()] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
let cSettings: [CSetting] = warningsAreErrors ? [.treatAllWarnings(as: .error)] : []

let package = Package(
    name: "sana-quant",
    products: [
        .executable(name: "sana-quant", targets: ["sana-quant"]),
        .library(name: "SanaEdge", targets: ["SanaEdge"]),
        .library(name: "SanaQuant", targets: ["SanaQuant"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        // The system libraries.
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "COpenBLAS", cSettings: cSettings, linkerSettings: [.linkedLibrary("openblas")]),
        .target(name: "CPNG", cSettings: cSettings, linkerSettings: [.linkedLibrary("png")]),

        // The product, in the order of its arrows: each target knows only those above it.
        .target(
            name: "QuantKernels", cSettings: cSettings,
            // fmaf, on a tier without such an instruction
            linkerSettings: [.linkedLibrary("m")]),
        .target(name: "SanaModel", dependencies: ["CZstd", "CLinux"], swiftSettings: swiftSettings),
        .target(
            name: "SanaEdge",
            dependencies: ["SanaModel", "QuantKernels", "COpenBLAS", "CPNG", "CLinux"],
            swiftSettings: swiftSettings),
        .target(
            name: "SanaQuant",
            dependencies: ["SanaEdge", "SanaModel", .product(name: "Yams", package: "Yams")],
            resources: [
                .embedInCode("Policy/Presets/edge.yaml"),
                .embedInCode("Policy/Presets/sana.yaml"),
                .embedInCode("Policy/Presets/fp16.yaml"),
                .embedInCode("Page/page.css"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "sana-quant",
            dependencies: [
                "SanaQuant", "SanaEdge", "SanaModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),

        // The table that `make demo` ends with; no part of the product.
        .executableTarget(
            name: "demo-report", dependencies: ["SanaModel"], swiftSettings: swiftSettings),

        // One test target per source target.
        .target(
            name: "WideTier", dependencies: ["QuantKernels"], path: "Tests/WideTier",
            cSettings: cSettings + [.headerSearchPath("../../Sources/QuantKernels")]),
        .target(
            name: "TestSupport",
            dependencies: ["SanaEdge", "SanaModel", "WideTier"],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "QuantKernelsTests",
            dependencies: ["QuantKernels", "SanaEdge", "SanaModel", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "SanaModelTests", dependencies: ["SanaModel", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "SanaEdgeTests", dependencies: ["SanaEdge", "SanaModel", "SanaQuant", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "SanaQuantTests", dependencies: ["SanaQuant", "SanaEdge", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "CommandLineTests", dependencies: ["SanaModel", "TestSupport", "sana-quant"],
            swiftSettings: swiftSettings),
    ],
    cLanguageStandard: .c17
)
