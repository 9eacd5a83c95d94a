// swift-tools-version: 6.2
// A stranger's package: depends on the client product alone, without the server's trait, and uses it as an integrator will.
// `Scripts/test` builds and runs it, and looks that none of the server's packages were fetched.

import PackageDescription

let package = Package(
    name: "integrator",
    dependencies: [.package(name: "dundian", path: "../..", traits: [])],
    targets: [
        .executableTarget(
            name: "Integrator",
            dependencies: [
                .product(name: "Dundian", package: "dundian"), .product(name: "DundianConformance", package: "dundian"),
            ]),
        // The tutorial's example, built here as well so that its dependencies are not built twice.
        .executableTarget(
            name: "Beekeeping",
            dependencies: [
                .product(name: "Dundian", package: "dundian"), .product(name: "DundianConformance", package: "dundian"),
            ], resources: [.embedInCode("beekeeping.json")]),
    ],
    swiftLanguageModes: [.v6]
)
