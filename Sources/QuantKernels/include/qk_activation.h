/// Activation functions.
///
/// The exponential behind them has an error of at most 2 ulp, so has tanh, and erf at most 4 ulp; they are
/// the same on every tier, bit for bit. NaN gives NaN.
#ifndef QK_ACTIVATION_H
#define QK_ACTIVATION_H

typedef enum qk_activation {
    QK_ACTIVATION_NONE = 0,
    /// x / (1 + exp(-x))
    QK_ACTIVATION_SILU = 1,
    /// max(x, 0)
    QK_ACTIVATION_RELU = 2,
    /// x (1 + erf(x / sqrt(2))) / 2
    QK_ACTIVATION_GELU = 3,
    /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
    QK_ACTIVATION_GELU_TANH = 4,
    /// x / (1 + exp(-1.702 x))
    QK_ACTIVATION_QUICK_GELU = 5,
} qk_activation;

#endif
