#include "elementary.h"
#include "include/qk_elementwise.h"

QK_INLINE void activate_rows(qk_activation activation, size_t rows, size_t columns, float *x, size_t x_stride,
                             const float *other, size_t other_stride) {
    for (size_t row = 0; row < rows; row++, x += x_stride) {
        for (size_t column = 0; column < columns; column += QK_LANES) {
            size_t count = columns - column;
            f32x16 value = activate(activation, load_first(x + column, count));
            if (other != NULL) {
                value = value * load_first(other + column, count);
            }
            store_first(x + column, value, count);
        }
        if (other != NULL) {
            other += other_stride;
        }
    }
}

/// `other` may be NULL.
static void activate_each(qk_activation activation, size_t rows, size_t columns, float *x, size_t x_stride,
                          const float *other, size_t other_stride) {
    switch (activation) {
    case QK_ACTIVATION_NONE:
        activate_rows(QK_ACTIVATION_NONE, rows, columns, x, x_stride, other, other_stride);
        return;
    case QK_ACTIVATION_SILU:
        activate_rows(QK_ACTIVATION_SILU, rows, columns, x, x_stride, other, other_stride);
        return;
    case QK_ACTIVATION_RELU:
        activate_rows(QK_ACTIVATION_RELU, rows, columns, x, x_stride, other, other_stride);
        return;
    case QK_ACTIVATION_GELU:
        activate_rows(QK_ACTIVATION_GELU, rows, columns, x, x_stride, other, other_stride);
        return;
    case QK_ACTIVATION_GELU_TANH:
        activate_rows(QK_ACTIVATION_GELU_TANH, rows, columns, x, x_stride, other, other_stride);
        return;
    case QK_ACTIVATION_QUICK_GELU:
        activate_rows(QK_ACTIVATION_QUICK_GELU, rows, columns, x, x_stride, other, other_stride);
        return;
    }
}

void QK_NAME(qk_activate_f32)(size_t rows, size_t columns, qk_activation activation, float *x,
                              size_t x_stride) {
    activate_each(activation, rows, columns, x, x_stride, NULL, 0);
}

void QK_NAME(qk_activate_multiply_f32)(size_t rows, size_t columns, qk_activation activation, float *x,
                                       size_t x_stride, const float *other, size_t other_stride) {
    activate_each(activation, rows, columns, x, x_stride, other, other_stride);
}

void QK_NAME(qk_add_f32)(size_t rows, size_t columns, const float *x, size_t x_stride, float *y,
                         size_t y_stride) {
    for (size_t row = 0; row < rows; row++, x += x_stride, y += y_stride) {
        for (size_t column = 0; column < columns; column += QK_LANES) {
            size_t count = columns - column;
            store_first(y + column, load_first(y + column, count) + load_first(x + column, count), count);
        }
    }
}

void QK_NAME(qk_rotate_f32)(size_t heads, size_t head_dimension, const float *cosines, const float *sines,
                            float *x) {
    size_t half = head_dimension / 2;
    for (size_t head = 0; head < heads; head++, x += head_dimension) {
        for (size_t index = 0; index < half; index += QK_LANES) {
            size_t count = half - index;
            f32x16 a = load_first(x + index, count);
            f32x16 b = load_first(x + half + index, count);
            f32x16 cosine = load_first(cosines + index, count);
            f32x16 sine = load_first(sines + index, count);
            store_first(x + index, a * cosine - b * sine, count);
            store_first(x + half + index, b * cosine + a * sine, count);
        }
    }
}
