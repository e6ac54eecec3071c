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

void qk_add_upsample_shortcut_f32(size_t width, size_t columns, size_t repeats, const float *x,
                                  size_t x_stride, float *y, size_t y_stride, size_t y_row) {
    for (size_t pixel = 0; pixel < width; pixel++, x += x_stride, y += 2 * y_stride) {
        for (size_t corner = 0; corner < 4; corner++) {
            float *target = y + corner / 2 * y_row + corner % 2 * y_stride;
            for (size_t column = 0; column < columns; column++) {
                target[column] += x[(4 * column + corner) / repeats];
            }
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
