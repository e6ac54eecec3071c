import SanaEdge
import SanaModel

/// The adapters of a conversion, opened and held against the checkpoint.
struct Adapters {
    private let list: [(file: LoRAFile, scale: Double)]

    /// - Throws: `AdapterError`, and what opening an adapter throws.
    init(_ options: [String]) throws {
        list = try options.map { text in
            let option = try AdapterOption(text)
            return (try LoRAFile(path: option.path), option.scale)
        }
    }

    /// The files that are read.
    var paths: [String] { list.flatMap(\.file.files) }

    /// Refuses adapters that do not fit.
    func check(_ specs: [TensorSpec]) throws(LoRAError) {
        for (file, _) in list { try file.check(specs) }
    }

    /// What is added to each tensor, by its name in the pack, in the order of the command line.
    var updates: [String: [LowRankUpdate]] {
        var updates: [String: [LowRankUpdate]] = [:]
        for (file, scale) in list {
            for layer in file.layers {
                let name = "\(Component.transformer.rawValue).\(layer.name).weight"
                updates[name, default: []].append(LowRankUpdate(layer, scale: scale))
            }
        }
        return updates
    }

    /// What a pack says of them.
    func manifestEntries() throws -> [Manifest.Adapter] {
        try list.map { file, scale in
            let reader = try FileReader(path: file.path)
            return Manifest.Adapter(
                name: file.path.split(separator: "/").last.map(String.init) ?? file.path, scale: scale,
                layers: file.layers.count, size: reader.size, hash: try SourceFiles.hash(reader))
        }
    }
}

/// What an adapter adds to one weight.
struct LowRankUpdate: Sendable {
    private let layer: LoRALayer
    private let scale: Float

    init(_ layer: LoRALayer, scale: Double) {
        self.layer = layer
        self.scale = Float(scale * layer.scaling)
    }

    /// The factor `down`, which every row needs: (rank, columns).
    func readDown() throws -> [Float] {
        RowQuantizer.widen(
            try layer.down.readBytes(elements: 0..<layer.down.elementCount), as: layer.down.type)
    }

    /// Adds `scale · up · down` to some rows, in float32.
    ///
    /// - Parameters:
    ///   - values: (rows, columns)
    ///   - down: what `readDown` gave.
    func add(to values: inout [Float], rows: Range<Int>, columns: Int, down: [Float]) throws {
        let elements = rows.lowerBound * layer.rank..<rows.upperBound * layer.rank
        let up = RowQuantizer.widen(try layer.up.readBytes(elements: elements), as: layer.up.type)
        LowRankProduct.add(
            up: up, down: down, scale: scale, rows: rows.count, columns: columns, rank: layer.rank,
            to: &values)
    }
}
