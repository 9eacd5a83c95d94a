// swift-tools-version: 6.2
// The example of the tutorial: beekeepers who note what they see at their hives, apart and without a network. All of it is invented.

import PackageDescription

let package = Package(
    name: "beekeeping",
    dependencies: [.package(name: "dundian", path: "../..", traits: [])],
    targets: [
        .executableTarget(
            name: "Beekeeping",
            dependencies: [
                .product(name: "Dundian", package: "dundian"), .product(name: "DundianConformance", package: "dundian"),
            ], resources: [.embedInCode("beekeeping.json")])
    ],
    swiftLanguageModes: [.v6]
)
