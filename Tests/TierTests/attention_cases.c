#include "cases.h"

static void linear_attention(const qk_tier *tier, size_t dimension, size_t tokens, numbers *source, edge at) {
    size_t stride = dimension + 3;
    size_t count = (tokens - 1) * stride + dimension;
    size_t state_count = dimension * (dimension + 1);
    const float *q = floats(source, count, 1, at);
    const float *k = floats(source, count, 1, at);
    const float *v = floats(source, count, 1, at);
    float *state = floats(source, state_count, 0, at);
    float *y = guarded(tokens * dimension * sizeof(float), at);
    tier->linear_attention_state_f32(tokens, dimension, k, stride, v, stride, state);
    record(state, state_count * sizeof(float));
    tier->linear_attention_output_f32(tokens, dimension, 1e-6f, q, stride, state, y, dimension);
    record(y, tokens * dimension * sizeof(float));
}

void linear_attention_cases(const qk_tier *tier, edge at) {
    numbers source = {11};
    const size_t dimensions[] = {1, 4, 8, 16, 17, 32, 40}, token_counts[] = {1, 3, 16, 37};
    for (size_t d = 0; d < sizeof dimensions / sizeof *dimensions; d++) {
        for (size_t t = 0; t < sizeof token_counts / sizeof *token_counts; t++) {
            linear_attention(tier, dimensions[d], token_counts[t], &source, at);
            free_guarded();
        }
    }
}

/// Weights of all columns, and of a part of them, in rows that do not touch.
static void softmax(const qk_tier *tier, size_t rows, size_t columns, float softcap, numbers *source,
                    edge at) {
    size_t stride = columns + 3, count = (rows - 1) * stride + columns;
    float *all = floats(source, count, 40, at);
    tier->softmax_f32(rows, columns, 0, columns, 0.25f, softcap, all, stride);
    record(all, count * sizeof(float));
    float *some = floats(source, count, 40, at);
    size_t begin = columns / 3;
    tier->softmax_f32(rows, columns, begin, columns - begin, 0.25f, softcap, some, stride);
    record(some, count * sizeof(float));
    free_guarded();
}

void softmax_cases(const qk_tier *tier, edge at) {
    numbers source = {12};
    const size_t widths[] = {1, 2, 15, 16, 17, 33, 300}, row_counts[] = {1, 5, 16, 19};
    for (size_t index = 0; index < sizeof widths / sizeof *widths; index++) {
        for (size_t rows = 0; rows < sizeof row_counts / sizeof *row_counts; rows++) {
            softmax(tier, row_counts[rows], widths[index], 0, &source, at);
            softmax(tier, row_counts[rows], widths[index], 5, &source, at);
        }
    }
}
