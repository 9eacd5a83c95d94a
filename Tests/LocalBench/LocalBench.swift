// What is measured without a service.

import ArgumentParser

@main
struct LocalBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dundian-bench-local", subcommands: [SearchBench.self, TextBench.self, ReviewBench.self])
}
