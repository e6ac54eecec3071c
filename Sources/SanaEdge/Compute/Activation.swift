import QuantKernels

/// A function of one number.
public enum Activation: Sendable, Hashable, CaseIterable {
    case none
    /// x / (1 + exp(-x))
    case silu
    /// max(x, 0)
    case relu
    /// x (1 + erf(x / √2)) / 2
    case gelu
    /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2
    case geluTanh
    /// x / (1 + exp(-1.702 x)), CLIP's
    case quickGelu

    var kernel: qk_activation {
        switch self {
        case .none: QK_ACTIVATION_NONE
        case .silu: QK_ACTIVATION_SILU
        case .relu: QK_ACTIVATION_RELU
        case .gelu: QK_ACTIVATION_GELU
        case .geluTanh: QK_ACTIVATION_GELU_TANH
        case .quickGelu: QK_ACTIVATION_QUICK_GELU
        }
    }
}
