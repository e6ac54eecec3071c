#include "include/qk_rearrange.h"

void qk_add_repeated_f32(size_t rows, size_t columns, size_t repeats, const float *x, size_t x_stride,
                         float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++, x += x_stride, y += y_stride) {
        for (size_t source = 0; source < columns / repeats; source++) {
            for (size_t copy = 0; copy < repeats; copy++) {
                y[source * repeats + copy] += x[source];
            }
        }
    }
}

/// y[column] += x[step column], `step` a constant where this is inlined.
static inline void add_every(size_t step, size_t columns, const float *restrict x, float *restrict y) {
    for (size_t column = 0; column < columns; column++) {
        y[column] += x[step * column];
    }
}

/// One corner of the four pixels that a pixel becomes.
static void add_corner(size_t corner, size_t columns, size_t repeats, const float *restrict x,
                       float *restrict y) {
    switch (repeats) {
    case 4:
        add_every(1, columns, x, y);
        return;
    case 2:
        add_every(2, columns, x + corner / 2, y);
        return;
    case 1:
        add_every(4, columns, x + corner, y);
        return;
    default:
        for (size_t column = 0; column < columns; column++) {
            y[column] += x[(4 * column + corner) / repeats];
        }
    }
}

void qk_add_upsample_shortcut_f32(size_t width, size_t columns, size_t repeats, const float *x,
                                  size_t x_stride, float *y, size_t y_stride, size_t y_row) {
    for (size_t pixel = 0; pixel < width; pixel++, x += x_stride, y += 2 * y_stride) {
        for (size_t corner = 0; corner < 4; corner++) {
            add_corner(corner, columns, repeats, x, y + corner / 2 * y_row + corner % 2 * y_stride);
        }
    }
}

void qk_pixel_shuffle_f32(size_t width, size_t columns, const float *x, size_t x_stride, float *y,
                          size_t y_stride, size_t y_row) {
    for (size_t pixel = 0; pixel < width; pixel++, x += x_stride, y += 2 * y_stride) {
        for (size_t corner = 0; corner < 4; corner++) {
            float *target = y + corner / 2 * y_row + corner % 2 * y_stride;
            for (size_t column = 0; column < columns; column++) {
                target[column] = x[4 * column + corner];
            }
        }
    }
}

void qk_sum_taps_f32(size_t pixels, size_t outputs, const float *x, size_t x_stride, size_t x_row,
                     const float *bias, float *y, size_t y_stride) {
    for (size_t pixel = 0; pixel < pixels; pixel++, x += x_stride, y += y_stride) {
        for (size_t output = 0; output < outputs; output++) {
            float total = bias != NULL ? bias[output] : 0;
            for (size_t tap = 0; tap < 9; tap++) {
                total += x[tap / 3 * x_row + tap % 3 * x_stride + tap * outputs + output];
            }
            y[output] = total;
        }
    }
}
