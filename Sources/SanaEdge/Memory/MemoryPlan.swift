import SanaModel

/// What a run keeps in memory and what it reads again whenever it is wanted, decided from the manifest before anything is
/// allocated. Pictures do not depend on it.
public struct MemoryPlan: Sendable, Equatable {
    /// The bytes that the run may take.
    public let limit: Int
    /// Whether the limit is what the system has, and not what the user wants.
    public let isDefault: Bool
    /// The most bytes that each component's stage is expected to take, all that the process has counted.
    public let peaks: [Component: Int]
    /// How many layers each component has, and how many of them stay in memory.
    public let layers: [Component: Int]
    public let kept: [Component: Int]
    /// Whether what the transformer needs of prompts alone stays in memory from picture to picture.
    let keepsPromptProjections: Bool
    /// Rows that the decoder's local stages read at once.
    public let bandRows: Int
    /// Pictures that pass through the stages together.
    public let batch: Int

    /// The greatest of the peaks.
    public var peak: Int { peaks.values.max() ?? 0 }

    /// What hidden states and latents of a batch may take at most, and as a share of the limit.
    private static let batchBytes = 256 << 20
    private static let batchShare = 16
    /// Rows of a band, the first choice first.
    private static let bandRowChoices = [LocalStages.bandRows, 2, 1]

    /// - Parameters:
    ///   - limit: bytes; nil for what the system has, less a margin.
    ///   - prompts: tokens of each picture's prompts.
    ///   - threads: of the run.
    ///   - available: bytes that the system has; nil where it does not tell.
    ///   - addresses: that the process may have; nil for any number.
    /// - Throws: `GenerationError.memory`, `.memoryLimit` or `.addresses` where nothing fits.
    init(
        _ pack: PackReader, _ plan: GenerationPlan, limit: Int?, prompts: [PicturePrompts], threads: Int,
        available: Int? = MemoryAvailable.bytes, addresses: Int? = MemoryAvailable.addresses
    ) throws {
        let needs = RunMemory(pack, plan, prompts: prompts, threads: threads)
        let wanted = limit ?? available.map { $0 - $0 / 8 } ?? .max
        let addressable = addresses.map { ProgramMemory.addressable($0, threads: threads) } ?? .max
        let isDefault = limit == nil
        let limit = min(wanted, addressable)
        self.limit = limit
        let perPicture = needs.bytesPerPicture
        let affordable = min(Self.batchBytes, limit / Self.batchShare) / max(1, perPicture)
        var batch = max(1, min(prompts.count, affordable))
        while batch > 1, needs.least(batch: batch) > limit { batch /= 2 }

        var peaks: [Component: Int] = [:]
        var kept: [Component: Int] = [:]
        var layers: [Component: Int] = [:]
        func choose(_ component: Component, _ memory: ComponentMemory, wanting: Bool) -> Bool {
            guard
                let count = wanting ? memory.kept(within: limit) : memory.peak(keeping: 0) <= limit ? 0 : nil
            else { return false }
            kept[component] = count
            layers[component] = memory.layers.count
            peaks[component] = memory.peak(keeping: count)
            return true
        }
        func refuse(_ component: Component) -> GenerationError {
            let smallest = needs.smallest
            if addressable < wanted {
                return .addresses(
                    stage: component.title, needed: smallest, left: addressable, threads: threads)
            }
            return isDefault
                ? .memory(stage: component.title, needed: smallest, available: limit)
                : .memoryLimit(stage: component.title, smallest: smallest, limit: limit)
        }
        // One picture after the other passes through layers that stay; a single one needs none to stay.
        let repeats = prompts.count > 1
        guard choose(.textEncoder, needs.textEncoder(batch: batch), wanting: false) else {
            throw refuse(.textEncoder)
        }
        let whole = needs.transformer(batch: batch, keepsPromptProjections: true)
        keepsPromptProjections = repeats && whole.peak(keeping: whole.layers.count) <= limit
        let transformer = needs.transformer(batch: batch, keepsPromptProjections: keepsPromptProjections)
        guard choose(.transformer, transformer, wanting: true) else { throw refuse(.transformer) }
        let decoders = Self.bandRowChoices.map { ($0, needs.decoder(batch: batch, bandRows: $0)) }
        let (rows, decoder) = decoders.first { $1.peak(keeping: 0) <= limit } ?? decoders[decoders.count - 1]
        bandRows = rows
        guard choose(.decoder, decoder, wanting: repeats) else {
            throw refuse(.decoder)
        }
        (self.isDefault, self.batch) = (isDefault, batch)
        (self.peaks, self.kept, self.layers) = (peaks, kept, layers)
    }
}

/// Tokens of one picture's prompts, as far as memory goes.
struct PicturePrompts: Sendable {
    /// Tokens that the text encoder runs for the longest.
    let encoded: Int
    /// Rows that the transformer sees of each prompt.
    let rows: [Int]
}

/// The memory of a run's components.
private struct RunMemory {
    let pack: PackReader
    let plan: GenerationPlan
    let prompts: [PicturePrompts]
    let threads: Int
    private let weights: WeightMemory

    init(_ pack: PackReader, _ plan: GenerationPlan, prompts: [PicturePrompts], threads: Int) {
        (self.pack, self.plan, self.prompts, self.threads) = (pack, plan, prompts, threads)
        weights = WeightMemory(pack)
    }

    private var rows: [Int] {
        let most = prompts.map(\.rows.count).max() ?? 0
        return (0..<most).map { index in prompts.map { index < $0.rows.count ? $0.rows[index] : 0 }.max() ?? 0
        }
    }

    /// What a picture that waits for the next stage takes: its hidden states, and its latents as they come and go.
    var bytesPerPicture: Int {
        4 * (rows.reduce(0, +) * pack.configs.textEncoder.width + 3 * plan.latentShape.reduce(1, *))
    }

    func textEncoder(batch: Int) -> ComponentMemory {
        ComponentMemory.textEncoder(
            pack.configs.textEncoder, weights, tokens: prompts.map(\.encoded).max() ?? 0,
            inputs: batch * rows.count, prefix: pack.manifest.prefixTokens
        ).adding(base(.textEncoder) + batch * bytesPerPicture)
    }

    func transformer(batch: Int, keepsPromptProjections: Bool) -> ComponentMemory {
        ComponentMemory.transformer(
            pack.configs.transformer, pack, weights, plan, promptTokens: rows,
            keepsPromptProjections: keepsPromptProjections
        ).adding(base(.transformer) + batch * bytesPerPicture)
    }

    func decoder(batch: Int, bandRows: Int) -> ComponentMemory {
        ComponentMemory.decoder(pack.configs.decoder, pack, weights, plan, bandRows: bandRows)
            .adding(base(.decoder) + batch * bytesPerPicture)
    }

    private func base(_ component: Component) -> Int {
        ProgramMemory.bytes(
            threads: threads, pictures: prompts.count, widest: ProgramMemory.widestFloat(component, in: pack))
    }

    /// The least that a batch of so many pictures takes.
    func least(batch: Int) -> Int {
        [
            textEncoder(batch: batch), transformer(batch: batch, keepsPromptProjections: false),
            decoder(batch: batch, bandRows: 1),
        ].map { $0.peak(keeping: 0) }.max() ?? 0
    }

    /// The smallest limit that any plan keeps to, in whole megabytes.
    var smallest: Int { (least(batch: 1) + 999_999) / 1_000_000 * 1_000_000 }
}

extension ComponentMemory {
    func adding(_ bytes: Int) -> ComponentMemory { ComponentMemory(fixed: fixed + bytes, layers: layers) }
}
