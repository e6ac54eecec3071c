/// float32 matrix product for matrices that stay in a near cache.
#ifndef QK_GEMM_FLOAT_H
#define QK_GEMM_FLOAT_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// Memory that will be read soon, such as the next product's w; none where `floats` is 0.
typedef struct qk_ahead {
    const float *_Nullable first;
    size_t floats;
} qk_ahead;

/// y[m, n] = sum over k of x[m, k] w[k, n], in the order of k, each step rounded once. Rows of w are readable
/// up to a multiple of 16 columns. What lies `ahead` is fetched into the cache meanwhile, about evenly.
typedef void qk_gemm_f32(size_t rows, size_t columns, size_t depth, const float *x, size_t x_stride,
                         const float *w, size_t w_stride, float *y, size_t y_stride, qk_ahead ahead);

#pragma clang assume_nonnull end

#endif
