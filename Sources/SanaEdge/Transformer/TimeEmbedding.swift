import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// AdaLN-single (PixArt-alpha, arXiv 2310.00426 §2.3): one embedding of the timestep, and of guidance in few-step
/// models (Sana-Sprint, arXiv 2503.09641 §3.3), for all blocks.
struct TimeEmbedding {
    /// Sinusoids, then two linear layers.
    struct Embedder {
        let linear1: Linear  // (width, 256)
        let linear2: Linear  // (width, width)

        init(_ name: String, loader: WeightLoader) throws {
            linear1 = try loader.linear("\(name).linear_1", bias: true)
            linear2 = try loader.linear("\(name).linear_2", bias: true)
        }

        /// (1, width)
        func callAsFunction(_ value: Float, compute: Compute) throws -> Matrix {
            let hidden = try compute.linear(TimeEmbedding.sinusoid(value), linear1, .silu)
            return try compute.linear(hidden, linear2)
        }
    }

    let timestep: Embedder
    /// Where the model embeds guidance, with what guidance is multiplied by.
    let guidance: (embedder: Embedder, scale: Float)?
    let modulation: Linear  // (6 width, width)

    init(_ config: TransformerConfig, loader: WeightLoader) throws {
        timestep = try Embedder(config.timestepEmbedder, loader: loader)
        guidance = try config.guidanceScale.map { scale in
            (try Embedder(TransformerConfig.guidanceEmbedder, loader: loader), Float(scale))
        }
        modulation = try loader.linear("time_embed.linear", bias: true)
    }

    /// The embedding (1, width) and the six shared modulation rows (1, 6 width).
    func callAsFunction(
        timestep time: Float, guidance strength: Float, compute: Compute
    ) throws -> (embedded: Matrix, shared: Matrix) {
        let embedded = try timestep(time, compute: compute)
        if let (embedder, scale) = guidance {
            compute.add(try embedder(strength * scale, compute: compute), into: embedded)
        }
        let activated = Matrix(rows: 1, columns: embedded.columns, embedded.array)
        compute.apply(.silu, activated)
        return (embedded, try compute.linear(activated, modulation))
    }

    /// Cosines, then sines, of the timestep at frequencies from 1 down to 1/10000.
    static func sinusoid(_ timestep: Float) -> Matrix {
        let half = TransformerConfig.timestepFeatures / 2
        let angles = (0..<half).map { index in
            timestep * exp(-log(Float(10_000)) * Float(index) / Float(half))
        }
        return Matrix(rows: 1, columns: 2 * half, angles.map { cos($0) } + angles.map { sin($0) })
    }
}

/// Shift, scale and gate of one block at one timestep, each (width).
struct Modulation {
    let shiftAttention: Buffer<Float>
    let scaleAttention: Buffer<Float>
    let gateAttention: Buffer<Float>
    let shiftFeedForward: Buffer<Float>
    let scaleFeedForward: Buffer<Float>
    let gateFeedForward: Buffer<Float>

    /// The block's own table (6, width) plus the shared rows (1, 6 width).
    init(table: Buffer<Float>, shared: Matrix) {
        let width = shared.columns / 6
        let sum = zip(table.array, shared.array).map { $0 + $1 }
        func row(_ index: Int) -> Buffer<Float> { Buffer(Array(sum[index * width..<(index + 1) * width])) }
        shiftAttention = row(0)
        scaleAttention = row(1)
        gateAttention = row(2)
        shiftFeedForward = row(3)
        scaleFeedForward = row(4)
        gateFeedForward = row(5)
    }
}
