#include "include/qk_linear_attention.h"
#include "lanes.h"

/// Sums that run at the same time, so that none waits for its own last addition.
enum { CHAINS = 4 };

QK_INLINE f32x16 rectify(f32x16 x) {
    return greater(x, splat(0));
}

/// Adds some tokens to the rows i ..< i + chains of the state, in sixteen columns or fewer.
QK_INLINE void add_to_state(size_t chains, size_t count, size_t tokens, const float *k, size_t k_stride,
                            const float *v, size_t v_stride, float *state, size_t dimension) {
    f32x16 totals[CHAINS];
    for (size_t chain = 0; chain < chains; chain++) {
        totals[chain] = load_first(state + chain * dimension, count);
    }
    for (size_t token = 0; token < tokens; token++, k += k_stride, v += v_stride) {
        f32x16 values = load_first(v, count);
        for (size_t chain = 0; chain < chains; chain++) {
            totals[chain] = totals[chain] + rectify(splat(k[chain])) * values;
        }
    }
    for (size_t chain = 0; chain < chains; chain++) {
        store_first(state + chain * dimension, totals[chain], count);
    }
}

void QK_NAME(qk_linear_attention_state_f32)(size_t tokens, size_t dimension, const float *k, size_t k_stride,
                                            const float *v, size_t v_stride, float *state) {
    float *sums = state + dimension * dimension;
    for (size_t j = 0; j < dimension; j += QK_LANES) {
        size_t count = dimension - j;
        size_t i = 0;
        for (; i + CHAINS <= dimension && count >= QK_LANES; i += CHAINS) {
            add_to_state(CHAINS, QK_LANES, tokens, k + i, k_stride, v + j, v_stride,
                         state + i * dimension + j, dimension);
        }
        for (; i < dimension; i++) {
            add_to_state(1, count, tokens, k + i, k_stride, v + j, v_stride, state + i * dimension + j,
                         dimension);
        }
        f32x16 total = load_first(sums + j, count);
        for (size_t token = 0; token < tokens; token++) {
            total = total + rectify(load_first(k + token * k_stride + j, count));
        }
        store_first(sums + j, total, count);
    }
}

/// Some tokens' outputs.
QK_INLINE void output_block(size_t chains, size_t dimension, float epsilon, const float *q, size_t q_stride,
                            const float *state, float *y, size_t y_stride) {
    const float *sums = state + dimension * dimension;
    float denominators[CHAINS];
    for (size_t chain = 0; chain < chains; chain++) {
        f32x16 total = {0};
        for (size_t i = 0; i < dimension; i += QK_LANES) {
            size_t count = dimension - i;
            total =
                total + rectify(load_first(q + chain * q_stride + i, count)) * load_first(sums + i, count);
        }
        denominators[chain] = sum(total) + epsilon;
    }
    for (size_t j = 0; j < dimension; j += QK_LANES) {
        size_t count = dimension - j;
        f32x16 totals[CHAINS] = {{0}};
        for (size_t i = 0; i < dimension; i++) {
            f32x16 row = load_first(state + i * dimension + j, count);
            for (size_t chain = 0; chain < chains; chain++) {
                totals[chain] = totals[chain] + rectify(splat(q[chain * q_stride + i])) * row;
            }
        }
        for (size_t chain = 0; chain < chains; chain++) {
            store_first(y + chain * y_stride + j, totals[chain] / denominators[chain], count);
        }
    }
}

void QK_NAME(qk_linear_attention_output_f32)(size_t tokens, size_t dimension, float epsilon, const float *q,
                                             size_t q_stride, const float *state, float *y, size_t y_stride) {
    size_t token = 0;
    for (; token + CHAINS <= tokens; token += CHAINS) {
        output_block(CHAINS, dimension, epsilon, q + token * q_stride, q_stride, state, y + token * y_stride,
                     y_stride);
    }
    for (; token < tokens; token++) {
        output_block(1, dimension, epsilon, q + token * q_stride, q_stride, state, y + token * y_stride,
                     y_stride);
    }
}
