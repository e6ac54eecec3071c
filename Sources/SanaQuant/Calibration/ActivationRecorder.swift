import SanaEdge
import SanaModel
import Synchronization

/// Collects, while a reference runs, what a calibration holds of each layer's input.
final class ActivationRecorder: ActivationObserver {
    fileprivate struct Entry: Sendable {
        let moments: ChannelMoments
        var count = 0
        /// (at most `Calibration.rowLimit`, channels)
        var rows: [[Float]] = []
        var random: SplitMix64
    }

    /// Whether rows are kept, by the layer's name.
    private let wanted: [String: Bool]
    private let entries = Mutex<[String: Entry]>([:])

    init(_ configs: ModelConfigs) {
        var wanted: [String: Bool] = [:]
        for spec in configs.tensors {
            if let name = spec.inputName { wanted[name] = spec.kind == .linear }
        }
        self.wanted = wanted
    }

    func observe(_ x: Matrix, layer: String, compute: Compute) {
        guard let keepsRows = wanted[layer], x.rows > 0 else { return }
        entries.withLock { entries in
            var entry =
                entries[layer]
                ?? Entry(
                    moments: ChannelMoments(channels: x.columns),
                    random: SplitMix64(seed: XXH64.hash(Array(layer.utf8))))
            compute.add(x, to: entry.moments)
            if keepsRows { entry.sample(x) }
            entry.count += x.rows
            entries[layer] = entry
        }
    }

    /// What a file holds of a layer's input; nil where nothing has been seen.
    func measurement(_ layer: String) -> (absmax: [Float], moments: [Float], rows: [[Float]])? {
        entries.withLock { entries in
            guard let entry = entries[layer] else { return nil }
            return (
                entry.moments.greatestMagnitudes,
                entry.moments.sumsOfSquares.map { Float($0 / Double(entry.count)) }, entry.rows
            )
        }
    }

    /// The layers that have been seen, in order of their names.
    var layers: [String] { entries.withLock { $0.keys.sorted() } }
}

extension ActivationRecorder.Entry {
    /// Keeps each row of all that are seen with the same probability (Vitter, Random Sampling with a Reservoir, 1985,
    /// algorithm R).
    mutating func sample(_ x: Matrix) {
        for row in 0..<x.rows {
            if rows.count < Calibration.rowLimit {
                rows.append(x.rows(row..<row + 1).array)
            } else {
                let place = random.next(below: UInt64(count + row + 1))
                if place < UInt64(rows.count) { rows[Int(place)] = x.rows(row..<row + 1).array }
            }
        }
    }
}

/// A stream of numbers that is the same everywhere (Steele, Lea and Flood, Fast Splittable Pseudorandom Number
/// Generators, 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From 0 up to `limit`, all about as likely.
    mutating func next(below limit: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: limit).high
    }

    /// From 0 up to 1.
    mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
