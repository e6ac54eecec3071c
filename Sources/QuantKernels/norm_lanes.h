#include "include/qk_norm.h"
#include "lanes.h"

/// Adds x - mean, or its square; lanes that do not exist add 0.
QK_INLINE f32x16 add_power(int is_square, const float *x, float mean, size_t count, f32x16 total) {
    f32x16 deviation = load_first(x, count) - mean;
    if (count < QK_LANES) {
        float values[QK_LANES] = {0};
        store_first(values, deviation, count);
        deviation = load(values);
    }
    return is_square ? multiply_add(deviation, deviation, total) : total + deviation;
}

/// The sum of x - mean, or of its square.
QK_INLINE float sum_of_powers(int is_square, size_t columns, const float *x, float mean) {
    row_sums sums = {{{0}}};
    size_t column = 0;
    for (; column + 4 * QK_LANES <= columns; column += 4 * QK_LANES) {
        for (size_t part = 0; part < 4; part++) {
            sums.parts[part] =
                add_power(is_square, x + column + part * QK_LANES, mean, QK_LANES, sums.parts[part]);
        }
    }
    for (size_t part = 0; column < columns; part++, column += QK_LANES) {
        sums.parts[part] = add_power(is_square, x + column, mean, columns - column, sums.parts[part]);
    }
    return sum_all(sums);
}

QK_INLINE f32x16 modulate(const qk_layer_norm *norm, f32x16 value, size_t column, size_t count) {
    if (norm->weight != NULL) {
        value = value * load_first(norm->weight + column, count);
    }
    if (norm->bias != NULL) {
        value = value + load_first(norm->bias + column, count);
    }
    if (norm->scale != NULL) {
        value = multiply_add(value, load_first(norm->scale + column, count), value);
    }
    if (norm->shift != NULL) {
        value = value + load_first(norm->shift + column, count);
    }
    return value;
}

void QK_NAME(qk_layer_norm_f32)(size_t rows, size_t columns, const float *x, size_t x_stride,
                                const qk_layer_norm *norm, float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++, x += x_stride, y += y_stride) {
        float mean = sum_of_powers(0, columns, x, 0) / (float)columns;
        float variance = sum_of_powers(1, columns, x, mean) / (float)columns;
        float factor = 1 / __builtin_elementwise_sqrt(variance + norm->epsilon);
        size_t column = 0;
        for (; column + QK_LANES <= columns; column += QK_LANES) {
            store(y + column, modulate(norm, (load(x + column) - mean) * factor, column, QK_LANES));
        }
        if (column < columns) {
            size_t count = columns - column;
            f32x16 value = (load_first(x + column, count) - mean) * factor;
            store_first(y + column, modulate(norm, value, column, count), count);
        }
    }
}

void QK_NAME(qk_rms_norm_f32)(size_t rows, size_t columns, const float *x, size_t x_stride,
                              const qk_rms_norm *norm, const float *residual, size_t residual_stride,
                              float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++, x += x_stride, y += y_stride) {
        float square = sum_of_powers(1, columns, x, 0) / (float)columns;
        float factor = 1 / __builtin_elementwise_sqrt(square + norm->epsilon);
        for (size_t column = 0; column < columns; column += QK_LANES) {
            size_t count = columns - column;
            f32x16 weight = load_first(norm->weight + column, count);
            if (norm->unit_offset) {
                weight = weight + 1.0f;
            }
            f32x16 value = (load_first(x + column, count) * factor) * weight;
            if (norm->bias != NULL) {
                value = value + load_first(norm->bias + column, count);
            }
            if (residual != NULL) {
                value = load_first(residual + row * residual_stride + column, count) + value;
            }
            store_first(y + column, value, count);
        }
    }
}
