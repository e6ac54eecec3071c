import QuantKernels
import SanaModel
import Testing

/// An int8 product with its operands between forbidden pages.
struct GemmCase {
    let rows: Int
    let columns: Int
    let depth: Int
    var taps = [0]
    /// What the strides have beyond the shortest.
    var slack = 0
    /// Activation rows before row 0 and after the last row, for taps.
    var margin = 0

    var activations: [Int8] = []  // (margin + rows + margin, depth)
    var scales: [Float] = []
    var weights: [Int8] = []  // (columns, taps, depth)
    var columnScales: [Float] = []
    var bias: [Float]?
    var gates: [Float]?
    var output = QK_OUTPUT_STORE
    var activation = QK_ACTIVATION_NONE
    var initial: [Float] = []

    init(rows: Int, columns: Int, depth: Int, taps: [Int] = [0], seed: Int = 1) {
        (self.rows, self.columns, self.depth, self.taps) = (rows, columns, depth, taps)
        margin = taps.map(abs).max() ?? 0
        var numbers = Numbers(seed: seed + rows * 7 + columns * 11 + depth * 13)
        activations = numbers.int8((rows + 2 * margin) * depth)
        scales = numbers.floats(rows + 2 * margin)
        weights = numbers.int8(columns * taps.count * depth)
        columnScales = numbers.floats(columns)
        initial = numbers.floats(rows * columns)
    }

    func sum(_ row: Int, _ column: Int, tap: Int) -> Int32 {
        let first = (margin + row + taps[tap]) * depth
        let weight = (column * taps.count + tap) * depth
        return (0..<depth).reduce(0) { $0 + Int32(activations[first + $1]) * Int32(weights[weight + $1]) }
    }

    /// The definition of qk_gemm.h, without an activation function.
    func expected(_ row: Int, _ column: Int) -> Float {
        var total: Float = 0
        for tap in taps.indices {
            total.addProduct(Float(sum(row, column, tap: tap)), scales[margin + row + taps[tap]])
        }
        let result = (bias?[column] ?? 0).addingProduct(total, columnScales[column])
        let before = initial[row * columns + column]
        switch output {
        case QK_OUTPUT_ADD: return before + result
        case QK_OUTPUT_ADD_GATED: return before.addingProduct(result, gates?[column] ?? 0)
        default: return result
        }
    }

    /// The int32 sums of tap 0, and y.
    func run(_ tier: KernelTier, _ edge: Edge) -> (sums: [Int32], y: [Float]) {
        let kernels = unsafe tier.kernels
        let (width, offset) = unsafe (kernels.panel_columns, kernels.activation_offset)
        let group = unsafe kernels.depth_group
        let stride = ((depth + group - 1) / group + slack) * group
        let (yStride, yCount) = (columns + slack, (rows - 1) * (columns + slack) + columns)
        var stored = [UInt8](repeating: offset, count: (rows + 2 * margin) * stride)
        for row in 0..<rows + 2 * margin {
            for k in 0..<depth {
                stored[row * stride + k] = UInt8(bitPattern: activations[row * depth + k]) &+ offset
            }
        }
        let panelBytes = qk_panel_bytes(width, group, taps.count, depth)
        let panelCount = (columns + width - 1) / width
        let a = GuardedMemory(stored, edge)
        let panels = GuardedMemory([UInt8](repeating: 0, count: panelCount * panelBytes), edge)
        let w = GuardedMemory(weights, edge)
        for panel in 0..<panelCount {
            let first = panel * width
            unsafe qk_pack_panel_s8(
                width, group, Int32(offset), kernels.complements_activations, 0, min(width, columns - first),
                taps.count, depth, w.base + first * taps.count * depth, taps.count * depth,
                panels.base + panel * panelBytes)
        }
        let rowScales = GuardedMemory(scales, edge)
        let scales = GuardedMemory(columnScales, edge)
        let tapRows = GuardedMemory(taps, edge)
        let biases = bias.map { GuardedMemory($0, edge) }
        let gateValues = gates.map { GuardedMemory($0, edge) }
        var spread = [Float](repeating: 77, count: yCount)
        for index in initial.indices { spread[index / columns * yStride + index % columns] = initial[index] }
        let y = GuardedMemory(spread, edge)
        let sums = GuardedMemory([Int32](repeating: 77, count: yCount), edge)
        defer { extendLifetime((a, panels, rowScales, scales, tapRows, biases, gateValues, y)) }
        var gemm = unsafe qk_gemm_s8s8(
            rows: rows, columns: columns, depth: depth, taps: taps.count, tap_rows: tapRows.base,
            activations: a.base + margin * stride, activations_stride: stride,
            scales: rowScales.base + margin,
            panels: panels.base, column_scales: scales.base,
            epilogue: qk_epilogue(
                output: output, activation: activation, bias: biases.map { unsafe UnsafePointer($0.base) },
                gates: gateValues.map { unsafe UnsafePointer($0.base) }),
            y: y.base, y_stride: yStride)
        unsafe kernels.gemm_s8s8_s32(&gemm, sums.base, yStride)
        unsafe kernels.gemm_s8s8_f32(&gemm)
        let (allSums, all) = (sums.array, y.array)
        // What lies between the rows belongs to others.
        for index in 0..<yCount where index % yStride >= columns {
            #expect(all[index] == 77 && allSums[index] == 77)
        }
        let places = initial.indices.map { $0 / columns * yStride + $0 % columns }
        return (places.map { allSums[$0] }, places.map { all[$0] })
    }

    /// How many elements of y are not those of the definition, bit for bit.
    func wrongOutputs(_ tier: KernelTier, _ edge: Edge) -> Int {
        let y = run(tier, edge).y
        return y.indices.count { y[$0].bitPattern != expected($0 / columns, $0 % columns).bitPattern }
    }
}

@Suite struct GemmTests {
    static let rows = [1, 2, 3, 4, 5, 6, 7, 12, 13, 25]
    static let columns = [1, 3, 15, 16, 17, 63, 64, 65, 130]
    static let depths = [1, 2, 3, 4, 5, 31, 64, 65, 129]

    @Test(arguments: KernelTier.all, Edge.allCases)
    func sumsAreExactAndTheEpilogueIsRoundedStepByStep(tier: KernelTier, edge: Edge) {
        for rows in Self.rows {
            for columns in Self.columns {
                for depth in Self.depths where (rows + columns + depth) % 3 == 0 || rows == 1 || columns == 1
                {
                    let gemm = GemmCase(rows: rows, columns: columns, depth: depth)
                    let (sums, y) = gemm.run(tier, edge)
                    var wrong = 0
                    for row in 0..<rows {
                        for column in 0..<columns {
                            let index = row * columns + column
                            if sums[index] != gemm.sum(row, column, tap: 0) { wrong += 1 }
                            if y[index].bitPattern != gemm.expected(row, column).bitPattern { wrong += 1 }
                        }
                    }
                    #expect(wrong == 0, "\(rows) x \(columns) x \(depth)")
                }
            }
        }
    }

    /// The greatest sums that int8 can have, where a saturating instruction would show.
    @Test(
        arguments: KernelTier.all,
        [(Int8(127), Int8(127)), (127, -127), (-127, 127), (-127, -127)])
    func extremeValuesDoNotSaturate(tier: KernelTier, values: (Int8, Int8)) {
        for depth in [4, 1152, 16384] {
            var gemm = GemmCase(rows: 7, columns: 65, depth: depth)
            gemm.activations = gemm.activations.map { _ in values.0 }
            gemm.weights = gemm.weights.map { _ in values.1 }
            let expected = Int32(depth) * Int32(values.0) * Int32(values.1)
            #expect(gemm.run(tier, .end).sums.allSatisfy { $0 == expected })
        }
    }

    @Test func whatMayBeQuantizedIsWhatTheKernelsTake() {
        #expect(TensorSpec.maximumDepth == Int(QK_MAXIMUM_DEPTH))
    }

    @Test(arguments: KernelTier.all)
    func greatestDepthIsExact(tier: KernelTier) {
        var gemm = GemmCase(rows: 1, columns: 1, depth: Int(QK_MAXIMUM_DEPTH))
        gemm.activations = gemm.activations.map { _ in 127 }
        gemm.weights = gemm.weights.map { _ in 127 }
        #expect(gemm.run(tier, .end).sums == [Int32(QK_MAXIMUM_DEPTH) * 127 * 127])
    }

    @Test(arguments: KernelTier.all, Edge.allCases)
    func rowsMayLieApart(tier: KernelTier, edge: Edge) {
        for columns in [3, 64, 70] {
            var gemm = GemmCase(rows: 8, columns: columns, depth: 33)
            gemm.slack = 5
            let y = gemm.run(tier, edge).y
            #expect(y.bits == y.indices.map { gemm.expected($0 / columns, $0 % columns) }.bits)
        }
    }

    @Test(arguments: KernelTier.all, Edge.allCases)
    func tapsReadTheirOwnRowsAndScales(tier: KernelTier, edge: Edge) {
        for depth in [3, 32, 130] {
            var gemm = GemmCase(rows: 11, columns: 70, depth: depth, taps: [-9, -8, -7, -1, 0, 1, 7, 8, 9])
            gemm.scales[gemm.margin + 3] = 0
            #expect(gemm.wrongOutputs(tier, edge) == 0)
        }
    }

    /// Rows beyond one block of them, columns beyond one span of panels, and depths that are multiplied in several goes,
    /// none of them a whole number of these.
    @Test(
        arguments: KernelTier.all,
        [(32, 545, 70), (49, 300, 129), (65, 70, 1153), (80, 100, 1216), (48, 33, 2400), (33, 290, 1200)])
    func largeProductsAreThoseOfTheDefinition(tier: KernelTier, shape: (Int, Int, Int)) {
        let (rows, columns, depth) = shape
        for (output, taps) in [
            (QK_OUTPUT_STORE, [0]), (QK_OUTPUT_ADD_GATED, [0]), (QK_OUTPUT_ADD, [-9, 0, 7]),
        ] {
            var gemm = GemmCase(rows: rows, columns: columns, depth: depth, taps: taps)
            var numbers = Numbers(seed: 9)
            gemm.output = output
            gemm.bias = numbers.floats(columns)
            gemm.gates = numbers.floats(columns)
            #expect(gemm.wrongOutputs(tier, .end) == 0, "\(output), \(taps.count) taps")
        }
    }

    @Test(arguments: KernelTier.all, [QK_OUTPUT_STORE, QK_OUTPUT_ADD, QK_OUTPUT_ADD_GATED])
    func outputsStoreAddAndGate(tier: KernelTier, output: qk_output) {
        for columns in [5, 64, 81] {
            var gemm = GemmCase(rows: 9, columns: columns, depth: 40)
            var numbers = Numbers(seed: 5)
            gemm.output = output
            gemm.bias = numbers.floats(columns)
            gemm.gates = numbers.floats(columns)
            #expect(gemm.wrongOutputs(tier, .end) == 0)
        }
    }

    @Test(arguments: [
        QK_ACTIVATION_SILU, QK_ACTIVATION_RELU, QK_ACTIVATION_GELU, QK_ACTIVATION_GELU_TANH,
        QK_ACTIVATION_QUICK_GELU,
    ])
    func activationsAreThoseOfTheElementwiseKernel(activation: qk_activation) {
        var gemm = GemmCase(rows: 9, columns: 81, depth: 40)
        gemm.columnScales = gemm.columnScales.map { $0 / 1000 }
        var expected = gemm.run(.scalar, .end).y
        unsafe KernelTier.scalar.kernels.activate_f32(9, 81, activation, &expected, 81)
        gemm.activation = activation
        for tier in KernelTier.all {
            #expect(gemm.run(tier, .end).y.bits == expected.bits)
        }
    }
}
