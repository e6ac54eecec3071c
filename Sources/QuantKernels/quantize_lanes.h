#include "include/qk_quantize.h"
#include "lanes.h"

enum { infinity_bits = 0x7F800000 };

/// Some of a row's values, times their columns' factors where there are any.
QK_INLINE f32x16 load_scaled(const float *x, const float *factors, size_t column, size_t count) {
    f32x16 values = load_first(x + column, count);
    return factors == NULL ? values : values * load_first(factors + column, count);
}

QK_INLINE i32x16 magnitude_bits(const float *x, const float *factors, size_t column, size_t count) {
    return (i32x16)magnitude(load_scaled(x, factors, column, count));
}

/// The bits of the greatest magnitude: at least those of infinity where a value is NaN or infinite.
QK_INLINE int32_t greatest_bits(size_t columns, const float *x, const float *factors) {
    i32x16 even = {0}, odd = {0};
    size_t column = 0;
    for (; column + 2 * QK_LANES <= columns; column += 2 * QK_LANES) {
        even = greater_integer(even, magnitude_bits(x, factors, column, QK_LANES));
        odd = greater_integer(odd, magnitude_bits(x, factors, column + QK_LANES, QK_LANES));
    }
    for (; column < columns; column += QK_LANES) {
        even = greater_integer(even, magnitude_bits(x, factors, column, columns - column));
    }
    return greatest_integer(greater_integer(even, odd));
}

/// Sixteen values + offset: the rounded product stands in the low byte of the sum with the rounder. The
/// offset is even, so the sum with it rounds alike.
QK_INLINE u8x16 quantize_lanes(f32x16 x, float inverse, uint8_t offset) {
    u32x16 bits = (u32x16)(x * inverse + (QK_ROUNDER + (float)offset));
    return __builtin_convertvector(bits, u8x16);
}

QK_INLINE void quantize_row(size_t columns, const float *x, const float *factors, float inverse,
                            uint8_t offset, uint8_t *q) {
    size_t column = 0;
    for (; column + QK_LANES <= columns; column += QK_LANES) {
        u8x16 values = quantize_lanes(load_scaled(x, factors, column, QK_LANES), inverse, offset);
        memcpy(q + column, &values, sizeof values);
    }
    if (column < columns) {
        u8x16 values = quantize_lanes(load_scaled(x, factors, column, columns - column), inverse, offset);
        memcpy(q + column, &values, columns - column);
    }
}

QK_INLINE bool quantize_rows(size_t rows, size_t columns, const float *x, size_t x_stride,
                             const float *factors, uint8_t offset, uint8_t *q, size_t q_stride,
                             float *scales) {
    for (size_t row = 0; row < rows; row++, x += x_stride, q += q_stride) {
        int32_t bits = greatest_bits(columns, x, factors);
        if (bits >= infinity_bits) {
            return false;
        }
        float absmax;
        memcpy(&absmax, &bits, sizeof absmax);
        if (absmax < 127 * 0x1p-126f) {
            memset(q, offset, q_stride);
            scales[row] = 1;
            continue;
        }
        scales[row] = absmax / 127;
        quantize_row(columns, x, factors, 127 / absmax, offset, q);
        memset(q + columns, offset, q_stride - columns);
    }
    return true;
}

bool QK_NAME(qk_quantize_f32_s8)(size_t rows, size_t columns, const float *x, size_t x_stride, uint8_t offset,
                                 uint8_t *q, size_t q_stride, float *scales) {
    return quantize_rows(rows, columns, x, x_stride, NULL, offset, q, q_stride, scales);
}

bool QK_NAME(qk_quantize_scaled_f32_s8)(size_t rows, size_t columns, const float *x, size_t x_stride,
                                        const float *factors, uint8_t offset, uint8_t *q, size_t q_stride,
                                        float *scales) {
    return quantize_rows(rows, columns, x, x_stride, factors, offset, q, q_stride, scales);
}

bool QK_NAME(qk_is_finite_f32)(size_t rows, size_t columns, const float *x, size_t x_stride) {
    for (size_t row = 0; row < rows; row++, x += x_stride) {
        if (greatest_bits(columns, x, NULL) >= infinity_bits) {
            return false;
        }
    }
    return true;
}

#include "quantize_digits_lanes.h"
