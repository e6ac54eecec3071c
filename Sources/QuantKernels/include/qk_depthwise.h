/// Depthwise convolution, padding kernel / 2, stride 1.
///
/// x is (height width, channels), or as many image rows of it as the part's taps read; the weight is
/// tap-major, (kernel kernel, channels). Taps that lie outside the image are left out; the others are added
/// to the bias, or to 0, in their order.
#ifndef QK_DEPTHWISE_H
#define QK_DEPTHWISE_H

#include <stddef.h>

#pragma clang assume_nonnull begin

typedef struct qk_depthwise {
    size_t height;
    size_t width;
    /// Channels of y.
    size_t channels;
    /// Odd; 3 for the gated form.
    size_t kernel;
    const float *x;
    size_t x_stride;
    /// The image row that x begins with; -1 where memory for a row above the image comes first.
    ptrdiff_t x_row;
    const float *weight;
    /// From one tap to the next.
    size_t weight_stride;
    const float *_Nullable bias;
    /// For the gated form: where the first gate stands behind the first value, in a pixel of x and in a tap
    /// of the weight and in the bias.
    size_t x_gates;
    size_t weight_gates;
    float *y;
    size_t y_stride;
} qk_depthwise;

/// The part of y that a call computes.
typedef struct qk_depthwise_part {
    size_t first_row;
    size_t rows;
    size_t first_channel;
    size_t channels;
} qk_depthwise_part;

typedef void qk_depthwise_f32(const qk_depthwise *depthwise, const qk_depthwise_part *part);

/// The same on the values, `channels` channels of x, and on as many gates; then y = values x silu(gates).
typedef void qk_gated_depthwise_f32(const qk_depthwise *depthwise, const qk_depthwise_part *part);

#pragma clang assume_nonnull end

#endif
