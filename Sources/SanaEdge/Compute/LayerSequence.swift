/// The layers of a model in the order in which they run. Some are kept in memory; the others are read from the pack
/// whenever their turn comes, on all threads, and given back when they have run.
///
/// While one of them runs, the system is asked to fetch the file's part for the next one, so that a slow disk and the
/// processors work at the same time. Unpacking takes turns with computing: beside it, it would only take the
/// processors away.
final class LayerSequence<Layer> {
    let count: Int
    private let kept: [Int: Layer]
    private let loader: WeightLoader
    private let make: (Int, WeightLoader) throws -> Layer
    private let prefix: (Int) -> String

    /// - Parameters:
    ///   - kept: how many layers stay in memory, evenly spread.
    ///   - loader: reads those, when it is told to finish.
    ///   - prefix: how the names of a layer's tensors begin, without the component.
    ///   - make: reads a layer; where the loader is not finished, its weights are read later.
    init(
        count: Int, keeping kept: Int, loader: WeightLoader, prefix: @escaping (Int) -> String,
        _ make: @escaping (Int, WeightLoader) throws -> Layer
    ) throws {
        self.count = count
        self.loader = loader
        self.make = make
        self.prefix = prefix
        var layers: [Int: Layer] = [:]
        for index in 0..<count where isKept(index, of: count, keeping: kept) {
            layers[index] = try make(index, loader)
        }
        self.kept = layers
    }

    /// Calls `body` with each layer in turn.
    func inTurn(_ body: (Int, Layer) throws -> Void) throws {
        for index in 0..<count {
            if let layer = kept[index] {
                try body(index, layer)
                continue
            }
            let layer = try read(index)
            announce(after: index)
            try body(index, layer)
        }
    }

    private func read(_ index: Int) throws -> Layer {
        let loader = loader.another()
        let layer = try make(index, loader)
        try loader.finish()
        return layer
    }

    /// The next layer that will be read, be it in the next round.
    private func announce(after index: Int) {
        let next = (1...count).lazy.map { (index + $0) % self.count }.first { self.kept[$0] == nil }
        if let next, next != index { loader.announce(prefix: prefix(next)) }
    }
}

/// Whether a layer is one of `kept` that stay in memory; these are spread evenly.
func isKept(_ index: Int, of count: Int, keeping kept: Int) -> Bool {
    let share = min(max(kept, 0), count)
    return (index + 1) * share / count > index * share / count
}
