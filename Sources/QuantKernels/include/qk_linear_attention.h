/// ReLU linear attention of one head.
#ifndef QK_LINEAR_ATTENTION_H
#define QK_LINEAR_ATTENTION_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// state[i, j] = sum over tokens of relu(k[i]) v[j], and state[i, dimension] = sum of relu(k[i]), token after
/// token. `state` is dimension x (dimension + 1), overwritten.
typedef void qk_linear_attention_state_f32(size_t tokens, size_t dimension, const float *k, size_t k_stride,
                                           const float *v, size_t v_stride, float *state);

/// y[j] = o[j] / (o[dimension] + epsilon) with o[j] = sum over i of relu(q[i]) state[i, j], in the order of
/// i.
typedef void qk_linear_attention_output_f32(size_t tokens, size_t dimension, float epsilon, const float *q,
                                            size_t q_stride, const float *state, float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
