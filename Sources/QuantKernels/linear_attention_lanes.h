#include "include/qk_linear_attention.h"
#include "lanes.h"

/// Rows of the state, or tokens, whose sums run at the same time, in `VECTORS` sixteens of columns each.
enum { CHAINS = QK_SUMS >= 16 ? 8 : 4, VECTORS = QK_SUMS >= 16 ? 2 : 1 };
/// Tokens that are taken at once, at most, and how many numbers of their rectified keys or queries are held.
enum { TOKENS = CHAINS, HELD = QK_WIDEST_HEAD };

QK_INLINE size_t tokens_at_once(size_t tokens, size_t dimension) {
    size_t most = HELD / dimension < TOKENS ? HELD / dimension : TOKENS;
    return tokens < most ? tokens : most;
}

/// By how many numbers keys and queries are fetched ahead, which may be behind the buffer: what the next
/// heads read lies beside what this one does, but a row's stride apart from token to token, which the CPU
/// does not foresee.
enum { FETCHED_AHEAD = 128 };

/// relu of some tokens' keys or queries, side by side.
QK_INLINE void rectify(size_t tokens, size_t dimension, const float *x, size_t x_stride, float *y) {
    for (size_t token = 0; token < tokens; token++) {
        for (size_t i = 0; i < dimension; i += QK_LANES) {
            size_t count = dimension - i;
            __builtin_prefetch(x + token * x_stride + i + FETCHED_AHEAD);
            f32x16 value = greater(load_first(x + token * x_stride + i, count), splat(0));
            store_first(y + token * dimension + i, value, count);
        }
    }
}

/// Adds some tokens to the rows i ..< i + chains of the state, in 16 `vectors` columns, of which `count`
/// exist.
QK_INLINE void add_to_state(size_t chains, size_t vectors, size_t count, size_t tokens, size_t dimension,
                            const float *k, const float *v, size_t v_stride, float *state) {
    f32x16 totals[CHAINS][VECTORS];
    for (size_t chain = 0; chain < chains; chain++) {
        for (size_t vector = 0; vector < vectors; vector++) {
            size_t j = vector * QK_LANES;
            totals[chain][vector] = load_first(state + chain * dimension + j, count - j);
        }
    }
    for (size_t token = 0; token < tokens; token++, k += dimension, v += v_stride) {
        f32x16 values[VECTORS];
        for (size_t vector = 0; vector < vectors; vector++) {
            values[vector] = load_first(v + vector * QK_LANES, count - vector * QK_LANES);
        }
        for (size_t chain = 0; chain < chains; chain++) {
            for (size_t vector = 0; vector < vectors; vector++) {
                totals[chain][vector] = multiply_add(splat(k[chain]), values[vector], totals[chain][vector]);
            }
        }
    }
    for (size_t chain = 0; chain < chains; chain++) {
        for (size_t vector = 0; vector < vectors; vector++) {
            size_t j = vector * QK_LANES;
            store_first(state + chain * dimension + j, totals[chain][vector], count - j);
        }
    }
}

/// Adds up to TOKENS tokens, whose keys are rectified.
QK_INLINE void add_tokens(size_t tokens, size_t dimension, const float *k, const float *v, size_t v_stride,
                          float *state) {
    size_t j = 0;
    for (; j + VECTORS * QK_LANES <= dimension; j += VECTORS * QK_LANES) {
        size_t i = 0;
        for (; i + CHAINS <= dimension; i += CHAINS) {
            add_to_state(CHAINS, VECTORS, VECTORS * QK_LANES, tokens, dimension, k + i, v + j, v_stride,
                         state + i * dimension + j);
        }
        for (; i < dimension; i++) {
            add_to_state(1, VECTORS, VECTORS * QK_LANES, tokens, dimension, k + i, v + j, v_stride,
                         state + i * dimension + j);
        }
    }
    for (; j < dimension; j += QK_LANES) {
        for (size_t i = 0; i < dimension; i++) {
            add_to_state(1, 1, dimension - j, tokens, dimension, k + i, v + j, v_stride,
                         state + i * dimension + j);
        }
    }
    float *sums = state + dimension * dimension;
    for (j = 0; j < dimension; j += QK_LANES) {
        size_t count = dimension - j;
        f32x16 total = load_first(sums + j, count);
        for (size_t token = 0; token < tokens; token++) {
            total = total + load_first(k + token * dimension + j, count);
        }
        store_first(sums + j, total, count);
    }
}

void QK_NAME(qk_linear_attention_state_f32)(size_t tokens, size_t dimension, const float *k, size_t k_stride,
                                            const float *v, size_t v_stride, float *state) {
    float rectified[HELD] __attribute__((aligned(64)));
    while (tokens > 0) {
        size_t count = tokens_at_once(tokens, dimension);
        rectify(count, dimension, k, k_stride, rectified);
        add_tokens(count, dimension, rectified, v, v_stride, state);
        tokens -= count;
        k += count * k_stride;
        v += count * v_stride;
    }
}

/// Some tokens' outputs in 16 `vectors` columns from j on, of which `count` exist.
QK_INLINE void mix_columns(size_t tokens, size_t vectors, size_t count, size_t dimension, const float *q,
                           const float *denominators, const float *state, float *y, size_t y_stride) {
    f32x16 totals[TOKENS][VECTORS] = {{{0}}};
    for (size_t i = 0; i < dimension; i++, state += dimension) {
        f32x16 row[VECTORS];
        for (size_t vector = 0; vector < vectors; vector++) {
            row[vector] = load_first(state + vector * QK_LANES, count - vector * QK_LANES);
        }
        for (size_t token = 0; token < tokens; token++) {
            for (size_t vector = 0; vector < vectors; vector++) {
                totals[token][vector] =
                    multiply_add(splat(q[token * dimension + i]), row[vector], totals[token][vector]);
            }
        }
    }
    for (size_t token = 0; token < tokens; token++) {
        for (size_t vector = 0; vector < vectors; vector++) {
            size_t j = vector * QK_LANES;
            store_first(y + token * y_stride + j, totals[token][vector] / denominators[token], count - j);
        }
    }
}

/// The outputs of some tokens, whose queries are rectified.
QK_INLINE void mix_tokens(size_t tokens, size_t dimension, float epsilon, const float *q, const float *state,
                          float *y, size_t y_stride) {
    const float *sums = state + dimension * dimension;
    float denominators[TOKENS];
    for (size_t token = 0; token < tokens; token++) {
        f32x16 total = {0};
        for (size_t i = 0; i < dimension; i += QK_LANES) {
            size_t count = dimension - i;
            total = multiply_add(load_first(q + token * dimension + i, count), load_first(sums + i, count),
                                 total);
        }
        denominators[token] = sum(total) + epsilon;
    }
    size_t j = 0;
    for (; j + VECTORS * QK_LANES <= dimension; j += VECTORS * QK_LANES) {
        mix_columns(tokens, VECTORS, VECTORS * QK_LANES, dimension, q, denominators, state + j, y + j,
                    y_stride);
    }
    for (; j < dimension; j += QK_LANES) {
        mix_columns(tokens, 1, dimension - j, dimension, q, denominators, state + j, y + j, y_stride);
    }
}

void QK_NAME(qk_linear_attention_output_f32)(size_t tokens, size_t dimension, float epsilon, const float *q,
                                             size_t q_stride, const float *state, float *y, size_t y_stride) {
    float rectified[HELD] __attribute__((aligned(64)));
    while (tokens > 0) {
        size_t count = tokens_at_once(tokens, dimension);
        rectify(count, dimension, q, q_stride, rectified);
        if (count == TOKENS) {
            mix_tokens(TOKENS, dimension, epsilon, rectified, state, y, y_stride);
        } else {
            for (size_t token = 0; token < count; token++) {
                mix_tokens(1, dimension, epsilon, rectified + token * dimension, state, y + token * y_stride,
                           y_stride);
            }
        }
        tokens -= count;
        q += count * q_stride;
        y += count * y_stride;
    }
}
