/// Softmax of rows of attention logits, in place.
#ifndef QK_SOFTMAX_H
#define QK_SOFTMAX_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// For each row, l = logit scale, then softcap tanh(l / softcap) where softcap > 0; scale > 0. exp(l - max l)
/// over columns begin ..< end, which are not empty, times one over their sum, which runs in 16 lanes. The
/// other columns become 0.
typedef void qk_softmax_f32(size_t rows, size_t columns, size_t begin, size_t end, float scale, float softcap,
                            float *logits, size_t stride);

#pragma clang assume_nonnull end

#endif
