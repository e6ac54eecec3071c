import QuantKernels
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct ActivationTests {
    static let kinds = [
        QK_ACTIVATION_NONE, QK_ACTIVATION_SILU, QK_ACTIVATION_RELU, QK_ACTIVATION_GELU,
        QK_ACTIVATION_GELU_TANH, QK_ACTIVATION_QUICK_GELU,
    ]

    static func exact(_ activation: qk_activation, _ x: Double) -> Double {
        switch activation {
        case QK_ACTIVATION_SILU: x / (1 + exp(-x))
        case QK_ACTIVATION_RELU: max(x, 0)
        case QK_ACTIVATION_GELU: x * (1 + erf(x / 2.0.squareRoot())) / 2
        case QK_ACTIVATION_GELU_TANH:
            x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2
        case QK_ACTIVATION_QUICK_GELU: x / (1 + exp(-1.702 * x))
        default: x
        }
    }

    static func apply(_ activation: qk_activation, _ x: [Float], rows: Int = 1) -> [Float] {
        onEveryTier { tier, edge in
            let memory = GuardedMemory(x, edge)
            let columns = x.count / rows
            unsafe tier.kernels.activate_f32(rows, columns, activation, memory.base, columns)
            return memory.array
        }
    }

    /// In units of 2^-24 of the argument, which bounds the results.
    static let tolerance = 3.0

    @Test(arguments: kinds)
    func errorsStayWithinThreeUnits(activation: qk_activation) {
        let x =
            stride(from: -105, to: 105, by: 0.0137).map { Float($0) } + [
                0, 1e-30, -1e-30, .leastNonzeroMagnitude, 1e9, -1e9, 1e30, -1e30, .greatestFiniteMagnitude,
                -.greatestFiniteMagnitude,
            ]
        for (x, y) in zip(x, Self.apply(activation, x)) {
            let error = abs(Double(y) - Self.exact(activation, Double(x)))
            #expect(error <= Self.tolerance * Double(abs(x)) * 0x1p-24 + 0x1p-149, "\(x)")
        }
    }

    @Test(arguments: kinds)
    func everyLengthIsHandled(activation: qk_activation) {
        for columns in 1...35 {
            var numbers = Numbers(seed: columns)
            let x = numbers.floats(3 * columns, 6)
            let y = Self.apply(activation, x, rows: 3)
            expectClose(y, x.map { Self.exact(activation, Double($0)) }, 1e-6, "\(columns)")
        }
    }

    @Test(arguments: kinds)
    func infinityAndNotANumberPass(activation: qk_activation) {
        let y = Self.apply(activation, [.infinity, .nan, 1])
        #expect(y[0] == .infinity && y[1].isNaN && y[2].isFinite)
    }

    @Test func activationTimesOther() {
        for columns in [1, 16, 37] {
            var numbers = Numbers(seed: columns)
            let (x, other) = (numbers.floats(2 * columns, 4), numbers.floats(2 * columns))
            let y = onEveryTier { tier, edge in
                let (memory, factor) = (GuardedMemory(x, edge), GuardedMemory(other, edge))
                unsafe tier.kernels.activate_multiply_f32(
                    2, columns, QK_ACTIVATION_SILU, memory.base, columns, factor.base, columns)
                return memory.array
            }
            let expected = zip(x, other).map { Self.exact(QK_ACTIVATION_SILU, Double($0)) * Double($1) }
            expectClose(y, expected, 1e-6)
        }
    }
}
