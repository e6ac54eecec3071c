#include "include/qk_linear_attention.h"
#include "lanes.h"

void QK_NAME(qk_linear_attention_state_f32)(size_t tokens, size_t dimension, const float *k, size_t k_stride,
                                            const float *v, size_t v_stride, float *state) {
    for (size_t i = 0; i < dimension; i++, state += dimension + 1) {
        for (size_t j = 0; j < dimension; j += QK_LANES) {
            size_t count = dimension - j;
            f32x16 total = {0};
            for (size_t token = 0; token < tokens; token++) {
                float key = k[token * k_stride + i];
                key = key < 0 ? 0 : key;
                total = total + key * load_first(v + token * v_stride + j, count);
            }
            store_first(state + j, total, count);
        }
        float total = 0;
        for (size_t token = 0; token < tokens; token++) {
            float key = k[token * k_stride + i];
            total += key < 0 ? 0 : key;
        }
        state[dimension] = total;
    }
}

void QK_NAME(qk_linear_attention_output_f32)(size_t tokens, size_t dimension, float epsilon, const float *q,
                                             size_t q_stride, const float *state, float *y, size_t y_stride) {
    for (size_t token = 0; token < tokens; token++, q += q_stride, y += y_stride) {
        float denominator = 0;
        for (size_t i = 0; i < dimension; i++) {
            float query = q[i] < 0 ? 0 : q[i];
            denominator += query * state[i * (dimension + 1) + dimension];
        }
        denominator += epsilon;
        for (size_t j = 0; j < dimension; j += QK_LANES) {
            size_t count = dimension - j;
            f32x16 total = {0};
            for (size_t i = 0; i < dimension; i++) {
                float query = q[i] < 0 ? 0 : q[i];
                total = total + query * load_first(state + i * (dimension + 1) + j, count);
            }
            store_first(y + j, total / denominator, count);
        }
    }
}
