/// Normalization of rows.
///
/// Sums run in 64 partial sums (number l takes columns l, l + 64, ...), which are then added pairwise: the
/// same bits on every tier.
#ifndef QK_NORM_H
#define QK_NORM_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

/// y = (x - mean) / sqrt(variance + epsilon) [weight] [+ bias] [(1 + scale)] [+ shift]
typedef struct qk_layer_norm {
    float epsilon;
    const float *_Nullable weight;
    const float *_Nullable bias;
    const float *_Nullable scale;
    const float *_Nullable shift;
} qk_layer_norm;

/// y may be x.
typedef void qk_layer_norm_f32(size_t rows, size_t columns, const float *x, size_t x_stride,
                               const qk_layer_norm *norm, float *y, size_t y_stride);

/// y = [residual +] x / sqrt(mean(x^2) + epsilon) (weight, or 1 + weight) [+ bias]
typedef struct qk_rms_norm {
    float epsilon;
    bool unit_offset;
    const float *weight;
    const float *_Nullable bias;
} qk_rms_norm;

/// y may be x or the residual.
typedef void qk_rms_norm_f32(size_t rows, size_t columns, const float *x, size_t x_stride,
                             const qk_rms_norm *norm, const float *_Nullable residual, size_t residual_stride,
                             float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
