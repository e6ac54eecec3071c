/// Activation functions.
///
/// An error is at most 3 x 2^-24 of the argument, which bounds the result; results are the same on every
/// tier, bit for bit. NaN gives NaN, as minus infinity does where it is divided by infinity.
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
