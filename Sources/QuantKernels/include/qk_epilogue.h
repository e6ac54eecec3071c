/// What happens to a sum before it reaches memory.
#ifndef QK_EPILOGUE_H
#define QK_EPILOGUE_H

#include <stddef.h>

#include "qk_activation.h"

#pragma clang assume_nonnull begin

typedef enum qk_output {
    /// y = activation(r)
    QK_OUTPUT_STORE = 0,
    /// y += r
    QK_OUTPUT_ADD = 1,
    /// y += gate r, one gate a column
    QK_OUTPUT_ADD_GATED = 2,
} qk_output;

/// r is the sum, times its scales where there are any, plus the column's bias.
typedef struct qk_epilogue {
    qk_output output;
    /// For `QK_OUTPUT_STORE` only.
    qk_activation activation;
    const float *_Nullable bias;
    /// For `QK_OUTPUT_ADD_GATED` only.
    const float *_Nullable gates;
} qk_epilogue;

/// Finishes `rows` x `columns` float sums into y.
typedef void qk_finish_f32(size_t rows, size_t columns, const float *sums, size_t sums_stride,
                           const qk_epilogue *epilogue, float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
