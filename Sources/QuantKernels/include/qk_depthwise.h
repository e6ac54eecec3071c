/// Depthwise convolution, padding kernel / 2, stride 1.
///
/// x is (height width, channels); the weight is tap-major, (kernel kernel, channels). Taps that lie outside
/// the image are left out; the others are added to the bias, or to 0, in their order.
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
    const float *weight;
    const float *_Nullable bias;
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

/// The same on 2 `channels` channels of x; then y = first half x silu(second half).
typedef void qk_gated_depthwise_f32(const qk_depthwise *depthwise, const qk_depthwise_part *part);

#pragma clang assume_nonnull end

#endif
