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

/// The same of x factors, each product rounded to float32, with one factor a column: for a layer whose input
/// nothing before it could bring to scale. Returns false if a product is NaN or infinite.
typedef bool qk_quantize_scaled_f32_s8(size_t rows, size_t columns, const float *x, size_t x_stride,
                                       const float *factors, uint8_t offset, uint8_t *q, size_t q_stride,
                                       float *scales);

#define QK_DIGITS_BASE 255.0f
/// 127 x 255 + 127.
#define QK_DIGITS_MAXIMUM 32512.0f

/// Sixteen bits a value, for products that need more than int8 activations: two int8 digits of base 255,
///   x = scale q, q = 255 high + low, high and low in [-127, 127].
/// A row whose absmax is below 32512 x 2^-126 counts as a row of zeros: scales 1, all values 0. For any other
/// row
///   scale = absmax / 32512, inverse = 32512 / absmax, q = round(x inverse), high = round(q / 255),
/// each operation rounded to float32, `round` half to even. The low digit's scale is `scale`, the high one's
/// 255 times that, rounded. Digits are written and rows filled up as above. Returns false as above.
typedef bool qk_quantize_f32_s8x2(size_t rows, size_t columns, const float *x, size_t x_stride,
                                  uint8_t offset, uint8_t *high, uint8_t *low, size_t stride,
                                  float *high_scales, float *low_scales);

/// Whether all values are finite.
typedef bool qk_is_finite_f32(size_t rows, size_t columns, const float *x, size_t x_stride);

#pragma clang assume_nonnull end

#endif
