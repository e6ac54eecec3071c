/// Element by element.
#ifndef QK_ELEMENTWISE_H
#define QK_ELEMENTWISE_H

#include <stddef.h>

#include "qk_activation.h"

#pragma clang assume_nonnull begin

/// x = activation(x)
typedef void qk_activate_f32(size_t rows, size_t columns, qk_activation activation, float *x,
                             size_t x_stride);
/// x = activation(x) other
typedef void qk_activate_multiply_f32(size_t rows, size_t columns, qk_activation activation, float *x,
                                      size_t x_stride, const float *other, size_t other_stride);
/// y += x
typedef void qk_add_f32(size_t rows, size_t columns, const float *x, size_t x_stride, float *y,
                        size_t y_stride);
/// Rotary position embedding of one row, in place: for each head, with its halves a and b,
/// a = a cos - b sin, b = b cos + a sin. `cosines` and `sines` hold head_dimension / 2 values.
typedef void qk_rotate_f32(size_t heads, size_t head_dimension, const float *cosines, const float *sines,
                           float *x);

#pragma clang assume_nonnull end

#endif
