import SanaModel

/// How a checkpoint's elements become the rows of a pack's tensor.
///
/// See `TensorSpec.packShape` for the layouts. A row of the pack needs exactly one row (output channel) of the
/// checkpoint.
package enum WeightLayout: Sendable, Hashable {
    /// Row for row as they are.
    case asStored
    /// From `[out, in, 3, 3]` to `[out, 9 in]`: tap by tap, channels innermost.
    case tapMajor(inputs: Int)
    /// From `[out, in, 3, 3]` to `[4 out, 4 in]`: one 2x2 kernel for each output parity.
    case folded(outputs: Int, inputs: Int)

    package init(_ spec: TensorSpec, _ scheme: Scheme) {
        switch spec.kind {
        case .convolution: self = .tapMajor(inputs: spec.shape[1])
        case .upsamplingConvolution where scheme.isQuantized:
            self = .folded(outputs: spec.shape[0], inputs: spec.shape[1])
        case .upsamplingConvolution: self = .tapMajor(inputs: spec.shape[1])
        default: self = .asStored
        }
    }

    /// A run of rows that come from as many neighbouring rows of the checkpoint.
    package struct Run: Sendable, Hashable {
        /// Rows (output channels) of the checkpoint.
        package let source: Range<Int>
        /// `2 py + px`; 0 where nothing is folded.
        package let parity: Int
    }

    /// What rows of the pack are made of, in order.
    package func runs(_ rows: Range<Int>) -> [Run] {
        guard case .folded(let outputs, _) = self else { return [Run(source: rows, parity: 0)] }
        var runs: [Run] = []
        var row = rows.lowerBound
        while row < rows.upperBound {
            let (parity, first) = row.quotientAndRemainder(dividingBy: outputs)
            let count = min(outputs - first, rows.upperBound - row)
            runs.append(Run(source: first..<first + count, parity: parity))
            row += count
        }
        return runs
    }

    /// The rows of the pack that a run's elements make.
    package func arrange(_ elements: [Float], _ run: Run) -> [Float] {
        switch self {
        case .asStored: elements
        case .tapMajor(let inputs): Self.tapMajor(elements, inputs: inputs)
        case .folded(_, let inputs): Self.folded(elements, inputs: inputs, parity: run.parity)
        }
    }

    /// From rows `[in, 3, 3]` to rows `[3, 3, in]`.
    private static func tapMajor(_ elements: [Float], inputs: Int) -> [Float] {
        var arranged = [Float](repeating: 0, count: elements.count)
        for row in stride(from: 0, to: elements.count, by: 9 * inputs) {
            for tap in 0..<9 {
                for input in 0..<inputs {
                    arranged[row + tap * inputs + input] = elements[row + 9 * input + tap]
                }
            }
        }
        return arranged
    }

    /// From rows `[in, 3, 3]` to rows `[2, 2, in]`: the taps that read the same pixel of the small picture, summed.
    ///
    /// Output row `2 i + p` reads, with tap k, row `2 i + p + k - 1` of the enlarged picture and so row
    /// `i + floor((p + k - 1) / 2)` of the small one: for p = 0 tap 0 reads the row before and taps 1 and 2 read row
    /// i itself; for p = 1 taps 0 and 1 read row i and tap 2 reads the row behind. Columns likewise.
    private static func folded(_ elements: [Float], inputs: Int, parity: Int) -> [Float] {
        let taps = [[0..<1, 1..<3], [0..<2, 2..<3]]
        let (rowTaps, columnTaps) = (taps[parity / 2], taps[parity % 2])
        var folded: [Float] = []
        folded.reserveCapacity(elements.count / 9 * 4)
        for row in stride(from: 0, to: elements.count, by: 9 * inputs) {
            for ty in 0..<2 {
                for tx in 0..<2 {
                    for input in 0..<inputs {
                        var sum: Float = 0
                        for ky in rowTaps[ty] {
                            for kx in columnTaps[tx] { sum += elements[row + 9 * input + 3 * ky + kx] }
                        }
                        folded.append(sum)
                    }
                }
            }
        }
        return folded
    }
}
