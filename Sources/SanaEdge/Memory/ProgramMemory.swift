import SanaModel

/// What a run takes beside its components' weights and activations.
package enum ProgramMemory {
    /// The program, its libraries and their data; measured.
    private static let program = 26 << 20
    /// A thread's stack, the chunk that it unpacks, OpenBLAS' packed blocks, and blocks of rows on their way from one
    /// operation to the next; measured.
    private static let perThread = 6 << 20

    /// A picture's prompt and the names of its files; measured.
    private static let perPicture = 512

    /// - Parameters:
    ///   - pictures: of the run.
    ///   - widest: inputs of the widest layer that is computed in floating point.
    static func bytes(threads: Int, pictures: Int, widest: Int) -> Int {
        program + threads * (perThread + floatScratch(widest)) + pictures * perPicture
    }

    /// Addresses that the program's files and libraries take.
    private static let programAddresses = 320 << 20
    /// Addresses that a thread takes: its stack, its arena of the C library, and a buffer of OpenBLAS, which asks without
    /// end for what it does not get.
    private static let addressesPerThread = 256 << 20

    /// What may be used of a limited number of addresses.
    package static func addressable(_ addresses: Int, threads: Int) -> Int {
        max(0, addresses - programAddresses - threads * addressesPerThread)
    }

    /// What a thread has of a float product: a slice of the weight, widened, and, for a convolution, the inputs of as
    /// many pixels side by side.
    private static func floatScratch(_ depth: Int) -> Int { 4 * 768 * depth }

    /// Inputs of the widest weight of a component that is computed in floating point.
    static func widestFloat(_ component: Component, in pack: PackReader) -> Int {
        let kinds: Set<TensorSpec.Kind> = [.linear, .convolution, .upsamplingConvolution]
        let weights = Set(
            pack.configs.tensors.filter { $0.component == component && kinds.contains($0.kind) }
                .map(\.packName))
        return pack.tensors.filter { weights.contains($0.name) && !$0.scheme.isQuantized }
            .map { $0.shape[1...].reduce(1, *) }.max() ?? 0
    }
}
