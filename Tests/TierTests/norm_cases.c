#include "cases.h"

static const size_t widths[] = {1, 2, 15, 16, 17, 40, 1152};

enum { ROWS = 3 };

static void layer_norm(const qk_tier *tier, size_t columns, numbers *source, int is_modulated, edge at) {
    const float *x = floats(source, ROWS * columns, 2, at);
    qk_layer_norm norm = {.epsilon = 1e-6f};
    if (is_modulated) {
        norm.weight = floats(source, columns, 1, at);
        norm.bias = floats(source, columns, 1, at);
        norm.scale = floats(source, columns, 1, at);
        norm.shift = floats(source, columns, 1, at);
    }
    float *y = guarded(ROWS * columns * sizeof(float), at);
    tier->layer_norm_f32(ROWS, columns, x, columns, &norm, y, columns);
    record(y, ROWS * columns * sizeof(float));
}

static void rms_norm(const qk_tier *tier, size_t columns, numbers *source, int is_full, edge at) {
    const float *x = floats(source, ROWS * columns, 2, at);
    const float *residual = is_full ? floats(source, ROWS * columns, 2, at) : NULL;
    qk_rms_norm norm = {
        .epsilon = 1e-5f,
        .unit_offset = is_full,
        .weight = floats(source, columns, 1, at),
        .bias = is_full ? floats(source, columns, 1, at) : NULL,
    };
    float *y = guarded(ROWS * columns * sizeof(float), at);
    tier->rms_norm_f32(ROWS, columns, x, columns, &norm, residual, columns, y, columns);
    record(y, ROWS * columns * sizeof(float));
}

void norm_cases(const qk_tier *tier, edge at) {
    numbers source = {9};
    for (size_t index = 0; index < sizeof widths / sizeof *widths; index++) {
        for (int is_full = 0; is_full < 2; is_full++) {
            layer_norm(tier, widths[index], &source, is_full, at);
            rms_norm(tier, widths[index], &source, is_full, at);
            free_guarded();
        }
    }
}
