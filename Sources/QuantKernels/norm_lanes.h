#include "include/qk_norm.h"
#include "lanes.h"

void QK_NAME(qk_layer_norm_f32)(size_t rows, size_t columns, const float *x, size_t x_stride,
                                const qk_layer_norm *norm, float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++, x += x_stride, y += y_stride) {
        f32x16 total = {0};
        for (size_t column = 0; column < columns; column += QK_LANES) {
            total = total + load_first(x + column, columns - column);
        }
        float mean = sum(total) / (float)columns;
        f32x16 squares = {0};
        size_t column = 0;
        for (; column + QK_LANES <= columns; column += QK_LANES) {
            f32x16 deviation = load(x + column) - mean;
            squares = squares + deviation * deviation;
        }
        for (size_t lane = 0; column + lane < columns; lane++) {
            float deviation = x[column + lane] - mean;
            squares[lane] += deviation * deviation;
        }
        float factor = 1 / __builtin_elementwise_sqrt(sum(squares) / (float)columns + norm->epsilon);
        for (column = 0; column < columns; column += QK_LANES) {
            size_t count = columns - column;
            f32x16 value = (load_first(x + column, count) - mean) * factor;
            if (norm->weight != NULL) {
                value = value * load_first(norm->weight + column, count);
            }
            if (norm->bias != NULL) {
                value = value + load_first(norm->bias + column, count);
            }
            if (norm->scale != NULL) {
                value = value * (load_first(norm->scale + column, count) + 1.0f);
            }
            if (norm->shift != NULL) {
                value = value + load_first(norm->shift + column, count);
            }
            store_first(y + column, value, count);
        }
    }
}

void QK_NAME(qk_rms_norm_f32)(size_t rows, size_t columns, const float *x, size_t x_stride,
                              const qk_rms_norm *norm, const float *residual, size_t residual_stride,
                              float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++, x += x_stride, y += y_stride) {
        f32x16 squares = {0};
        for (size_t column = 0; column < columns; column += QK_LANES) {
            f32x16 value = load_first(x + column, columns - column);
            squares = squares + value * value;
        }
        float factor = 1 / __builtin_elementwise_sqrt(sum(squares) / (float)columns + norm->epsilon);
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
