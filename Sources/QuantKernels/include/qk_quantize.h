/// Symmetric int8 with one scale a row.
///
/// absmax is the greatest magnitude of the row. A row whose absmax is below 127 x 2^-126 (its scale would not
/// be a normal number) counts as a row of zeros: scale 1, all values 0. For any other row
///   scale = absmax / 127, inverse = 127 / absmax, q = clamp(round(x inverse), -127, 127),
/// each operation rounded to float32, `round` to the nearest integer, half to even. The same bits on every
/// tier.
#ifndef QK_QUANTIZE_H
#define QK_QUANTIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Writes q + `offset` (0 for int8, 128 for the uint8 form that some tiers compute with) and fills each row
/// up with `offset` to `q_stride` values. Returns false if a value is NaN or infinite; what has been written
/// is then unspecified.
typedef bool qk_quantize_f32_s8(size_t rows, size_t columns, const float *x, size_t x_stride, uint8_t offset,
                                uint8_t *q, size_t q_stride, float *scales);

/// Whether all values are finite.
typedef bool qk_is_finite_f32(size_t rows, size_t columns, const float *x, size_t x_stride);

#pragma clang assume_nonnull end

#endif
