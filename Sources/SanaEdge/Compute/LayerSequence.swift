import SanaModel

/// The layers of a model in the order in which they run. Some are kept in memory; the others are read from the pack
/// whenever their turn comes, on all threads, and given back when they have run.
///
/// While one of them runs, a thread of its own reads the file's parts for the next ones, so that a slow disk and the
/// processors work at the same time. Unpacking takes turns with computing: beside it, it would only take the
/// processors away.
final class LayerSequence<Layer> {
    let count: Int
    private let kept: [Int: Layer]
    private let loader: WeightLoader
    private let make: (Int, WeightLoader) throws -> Layer
    /// Where those that are read stand in the pack's file.
    private let storedRanges: [Int: [Range<Int>]]
    /// Reads those parts; nil where all layers are kept.
    private let readAhead: ReadAhead?
    /// Layers that are read ahead: one while another is unpacked.
    private static var ahead: Int { 2 }

    /// - Parameters:
    ///   - kept: how many layers stay in memory, evenly spread.
    ///   - loader: reads those, when it is told to finish.
    ///   - names: of a layer's tensors, without the component.
    ///   - make: reads a layer; where the loader is not finished, its weights are read later.
    init(
        count: Int, keeping kept: Int, loader: WeightLoader, names: (Int) -> TensorNames,
        _ make: @escaping (Int, WeightLoader) throws -> Layer
    ) throws {
        self.count = count
        self.loader = loader
        self.make = make
        var layers: [Int: Layer] = [:]
        var ranges: [Int: [Range<Int>]] = [:]
        for index in 0..<count {
            if isKept(index, of: count, keeping: kept) {
                layers[index] = try make(index, loader)
            } else {
                ranges[index] = loader.storedRanges(of: names(index))
            }
        }
        (self.kept, storedRanges) = (layers, ranges)
        readAhead = ranges.isEmpty ? nil : loader.pack.readAhead()
    }

    /// Calls `body` with each layer in turn.
    func inTurn(_ body: (Int, Layer) throws -> Void) throws {
        for index in 0..<count {
            if let layer = kept[index] {
                try body(index, layer)
                continue
            }
            let layer = try read(index)
            fetch(after: index)
            try body(index, layer)
        }
    }

    private func read(_ index: Int) throws -> Layer {
        let loader = loader.another()
        let layer = try make(index, loader)
        try loader.finish()
        return layer
    }

    /// The next layers that will be read, be it in the next round.
    private func fetch(after index: Int) {
        let next = (1..<count).lazy.map { (index + $0) % self.count }.compactMap { self.storedRanges[$0] }
        readAhead?.fetch(Array(next.prefix(Self.ahead).joined()))
    }
}

/// Whether a layer is one of `kept` that stay in memory; these are spread evenly.
func isKept(_ index: Int, of count: Int, keeping kept: Int) -> Bool {
    let share = min(max(kept, 0), count)
    return (index + 1) * share / count > index * share / count
}
