/// int8 matrix product and int8 convolution.
///
/// y[m, n] = epilogue(column_scales[n] sum over taps t of scales[m + tap_rows[t]] (float) sum over k of
///           activations[m + tap_rows[t], k] weights[n, t, k])
///
/// The inner sum is an exact int32. Taps are added in float in their order, starting from the first; a matrix
/// product has one tap with offset 0. Multiplications and additions are rounded one by one, so y is the same
/// on every tier, bit for bit.
#ifndef QK_GEMM_H
#define QK_GEMM_H

#include <stddef.h>
#include <stdint.h>

#include "qk_epilogue.h"

#pragma clang assume_nonnull begin

typedef struct qk_gemm_s8s8 {
    size_t rows;
    size_t columns;
    size_t depth;
    size_t taps;
    /// For each tap how many activation rows after row m the tap reads. May be negative.
    const ptrdiff_t *tap_rows;
    /// Row m's values + the tier's `activation_offset`, as `qk_quantize_rows` wrote them. Rows are readable
    /// up to a multiple of the tier's `depth_group` values.
    const uint8_t *activations;
    size_t activations_stride;
    /// One for each activation row. A row whose scale is 0 contributes nothing.
    const float *scales;
    /// The panels of the columns, one after another; column 0 is a panel's first.
    const void *panels;
    /// One for each column.
    const float *column_scales;
    qk_epilogue epilogue;
    float *y;
    size_t y_stride;
} qk_gemm_s8s8;

typedef void qk_gemm_s8s8_f32(const qk_gemm_s8s8 *gemm);

/// The int32 sums of tap 0 alone, for tests: scales and epilogue are not read.
typedef void qk_gemm_s8s8_s32(const qk_gemm_s8s8 *gemm, int32_t *sums, size_t sums_stride);

#pragma clang assume_nonnull end

#endif
