/// Copies and sums that move channels and pixels around.
#ifndef QK_REARRANGE_H
#define QK_REARRANGE_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// y[:, c] += x[:, c / repeats]; `columns` are those of y.
void qk_add_repeated_f32(size_t rows, size_t columns, size_t repeats, const float *x, size_t x_stride,
                         float *y, size_t y_stride);

/// One image row of x (width, inputs) into the two image rows of y (2 width, columns) that it becomes:
/// y[(a, 2 j + b), o] += x[j, (4 o + 2 a + b) / repeats]. `y_row` is the distance between the two image rows.
void qk_add_upsample_shortcut_f32(size_t width, size_t columns, size_t repeats, const float *x,
                                  size_t x_stride, float *y, size_t y_stride, size_t y_row);

/// One image row of x (width, 4 columns): y[(a, 2 j + b), o] = x[j, 4 o + 2 a + b].
void qk_pixel_shuffle_f32(size_t width, size_t columns, const float *x, size_t x_stride, float *y,
                          size_t y_stride, size_t y_row);

/// The end of a 3x3 convolution whose taps have been multiplied with every pixel: x holds at (pixel, tap,
/// output) what the pixel gives to the output of the pixel that reads it with this tap. For `pixels` pixels
/// of one image row y[j, o] = [bias[o] +] sum over taps t, in their order, of x[(t / 3, j + t % 3), t, o]; x
/// begins with the neighbour above and to the left of pixel 0, `x_row` is the distance between two image
/// rows.
void qk_sum_taps_f32(size_t pixels, size_t outputs, const float *x, size_t x_stride, size_t x_row,
                     const float *_Nullable bias, float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
