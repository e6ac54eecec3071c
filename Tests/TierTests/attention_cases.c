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

void softmax_cases(const qk_tier *tier, edge at) {
    numbers source = {12};
    const size_t widths[] = {1, 2, 15, 16, 17, 33, 300};
    for (size_t index = 0; index < sizeof widths / sizeof *widths; index++) {
        size_t columns = widths[index];
        for (int is_capped = 0; is_capped < 2; is_capped++) {
            float *all = floats(&source, columns, 40, at);
            tier->softmax_f32(columns, 0, columns, 0.25f, is_capped ? 5 : 0, all);
            record(all, columns * sizeof(float));
            float *some = floats(&source, columns, 40, at);
            tier->softmax_f32(columns, columns / 3, columns - columns / 3, 0.25f, is_capped ? 5 : 0, some);
            record(some, columns * sizeof(float));
            free_guarded();
        }
    }
}
