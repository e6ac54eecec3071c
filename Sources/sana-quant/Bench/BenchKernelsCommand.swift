import ArgumentParser

struct BenchKernels: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "kernels", abstract: "x")
    @OptionGroup var options: BenchOptions
    func run() throws {}
}
