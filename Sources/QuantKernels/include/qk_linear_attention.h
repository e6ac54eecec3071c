/// ReLU linear attention of one head.
#ifndef QK_LINEAR_ATTENTION_H
#define QK_LINEAR_ATTENTION_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// The greatest dimension of a head.
#define QK_WIDEST_HEAD 2048

/// Adds tokens to a head's state, one after another: state[i, j] += relu(k[i]) v[j], dimension x dimension,
/// and behind them sums[i] += relu(k[i]).
typedef void qk_linear_attention_state_f32(size_t tokens, size_t dimension, const float *k, size_t k_stride,
                                           const float *v, size_t v_stride, float *state);

/// y[j] = (sum over i of relu(q[i]) state[i, j]) / (sum over i of relu(q[i]) sums[i] + epsilon). The first
/// sum runs in the order of i, the second in 16 lanes, which are then added pairwise.
typedef void qk_linear_attention_output_f32(size_t tokens, size_t dimension, float epsilon, const float *q,
                                            size_t q_stride, const float *state, float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
