/// Rows as two int8 digits; a part of quantize_lanes.h.

/// Sixteen lanes that hold integers of at most 127 in size, as bytes + offset.
QK_INLINE u8x16 digit_bytes(f32x16 digits, uint8_t offset) {
    return __builtin_convertvector((u32x16)(digits + QK_ROUNDER), u8x16) + offset;
}

bool QK_NAME(qk_quantize_f32_s8x2)(size_t rows, size_t columns, const float *x, size_t x_stride,
                                   uint8_t offset, uint8_t *high, uint8_t *low, size_t stride,
                                   float *high_scales, float *low_scales) {
    for (size_t row = 0; row < rows; row++, x += x_stride, high += stride, low += stride) {
        int32_t bits = greatest_bits(columns, x, NULL);
        if (bits >= infinity_bits) {
            return false;
        }
        float absmax;
        memcpy(&absmax, &bits, sizeof absmax);
        if (absmax < QK_DIGITS_MAXIMUM * 0x1p-126f) {
            memset(high, offset, stride);
            memset(low, offset, stride);
            high_scales[row] = low_scales[row] = 1;
            continue;
        }
        low_scales[row] = absmax / QK_DIGITS_MAXIMUM;
        high_scales[row] = QK_DIGITS_BASE * low_scales[row];
        float inverse = QK_DIGITS_MAXIMUM / absmax;
        for (size_t column = 0; column < columns; column += QK_LANES) {
            size_t count = columns - column < QK_LANES ? columns - column : QK_LANES;
            f32x16 q = (load_first(x + column, count) * inverse + QK_ROUNDER) - QK_ROUNDER;
            // No q is near the middle between two multiples of 255, so the rounded reciprocal does no harm.
            f32x16 first = (q * (1.0f / QK_DIGITS_BASE) + QK_ROUNDER) - QK_ROUNDER;
            u8x16 digits = digit_bytes(first, offset);
            memcpy(high + column, &digits, count == QK_LANES ? QK_LANES : count);
            digits = digit_bytes(q - first * QK_DIGITS_BASE, offset);
            memcpy(low + column, &digits, count == QK_LANES ? QK_LANES : count);
        }
        memset(high + columns, offset, stride - columns);
        memset(low + columns, offset, stride - columns);
    }
    return true;
}
