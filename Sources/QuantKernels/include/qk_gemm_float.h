/// float32 matrix product for matrices that stay in a near cache.
#ifndef QK_GEMM_FLOAT_H
#define QK_GEMM_FLOAT_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// y[m, n] = sum over k of x[m, k] w[k, n], in the order of k, each step rounded once. Rows of w are readable
/// up to a multiple of 16 columns.
typedef void qk_gemm_f32(size_t rows, size_t columns, size_t depth, const float *x, size_t x_stride,
                         const float *w, size_t w_stride, float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
