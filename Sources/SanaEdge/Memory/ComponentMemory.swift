import SanaModel

/// The memory of one component of a run, in bytes, by layer: counted from the manifest and the plan of the picture, before
/// anything is allocated.
struct ComponentMemory: Sendable {
    struct Layer: Sendable {
        let weights: Int
        /// What the layer computes, beside what is there all the time.
        let activations: Int
    }

    /// What is there all the time.
    let fixed: Int
    /// In the order in which they run.
    let layers: [Layer]

    /// The most that is there at a time, where `kept` layers stay and the others are read when their turn comes.
    func peak(keeping kept: Int) -> Int {
        var stay = 0
        var most = 0
        for (index, layer) in layers.enumerated() {
            let stays = isKept(index, of: layers.count, keeping: kept)
            if stays { stay += layer.weights }
            most = max(most, layer.activations + (stays ? 0 : layer.weights))
        }
        return fixed + stay + most
    }

    /// The greatest number of layers that can stay within a limit; nil where not even none can.
    func kept(within limit: Int) -> Int? {
        (0...layers.count).reversed().first { peak(keeping: $0) <= limit }
    }
}

/// The sizes that a pack's tensors have in memory.
struct WeightMemory: Sendable {
    private let sizes: [(name: String, bytes: Int)]

    init(_ pack: PackReader) {
        let kinds = Dictionary(
            pack.configs.tensors.map { ($0.packName, $0.kind) }, uniquingKeysWith: { first, _ in first })
        sizes = pack.tensors.map { tensor in
            let bytes =
                switch kinds[tensor.name] {
                case .embedding: 0
                // Filled up to whole panels.
                case .linear, .convolution, .upsamplingConvolution, .patch:
                    tensor.byteCount + tensor.byteCount / 32
                // Widened to float32.
                default: tensor.shape.reduce(4, *)
                }
            return (tensor.name, bytes)
        }
    }

    /// Bytes of the tensors whose names begin with one of these.
    func bytes(_ prefixes: [String]) -> Int {
        sizes.reduce(0) { sum, tensor in
            prefixes.contains { tensor.name.hasPrefix($0) } ? sum + tensor.bytes : sum
        }
    }

    /// Bytes of a component's tensors whose names begin with none of these.
    func bytes(of component: Component, besides prefixes: [String]) -> Int {
        bytes(["\(component.rawValue)."]) - bytes(prefixes)
    }
}
