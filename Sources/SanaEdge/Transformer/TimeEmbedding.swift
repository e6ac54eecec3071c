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

/// A block's own share of its modulation.
struct ModulationTable {
    let rows: Buffer<Float>  // (6, width)
    /// Factors of the input channels of queries, keys and values, and of Mix-FFN, which a calibration has moved into
    /// their weights; nil where there are none.
    let attentionFactors: Buffer<Float>?  // (width)
    let feedForwardFactors: Buffer<Float>?  // (width)
}

/// Shift, scale and gate of one block at one timestep, each (width).
struct Modulation {
    let shiftAttention: Buffer<Float>
    let scaleAttention: Buffer<Float>
    let gateAttention: Buffer<Float>
    let shiftFeedForward: Buffer<Float>
    let scaleFeedForward: Buffer<Float>
    let gateFeedForward: Buffer<Float>

    /// The block's own table plus the shared rows (1, 6 width), with the block's factors on 1 + scale and on shift.
    init(table: ModulationTable, shared: Matrix) {
        let width = shared.columns / 6
        let sum = zip(table.rows.array, shared.array).map { $0 + $1 }
        func row(_ index: Int) -> [Float] { Array(sum[index * width..<(index + 1) * width]) }
        func shift(_ index: Int, _ factors: Buffer<Float>?) -> Buffer<Float> {
            guard let factors else { return Buffer(row(index)) }
            return Buffer(zip(row(index), factors.array).map { $0 * $1 })
        }
        func scale(_ index: Int, _ factors: Buffer<Float>?) -> Buffer<Float> {
            guard let factors else { return Buffer(row(index)) }
            return Buffer(zip(row(index), factors.array).map { (1 + $0) * $1 - 1 })
        }
        shiftAttention = shift(0, table.attentionFactors)
        scaleAttention = scale(1, table.attentionFactors)
        gateAttention = Buffer(row(2))
        shiftFeedForward = shift(3, table.feedForwardFactors)
        scaleFeedForward = scale(4, table.feedForwardFactors)
        gateFeedForward = Buffer(row(5))
    }
}
