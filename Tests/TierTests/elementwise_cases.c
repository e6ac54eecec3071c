#include "cases.h"

static const size_t widths[] = {1, 2, 7, 15, 16, 17, 40, 100};

enum { ROWS = 3, WIDTHS = sizeof widths / sizeof *widths };

void finish_cases(const qk_tier *tier, edge at) {
    numbers source = {6};
    for (size_t index = 0; index < WIDTHS; index++) {
        size_t columns = widths[index];
        for (int kind = 0; kind < 8; kind++) {
            const float *sums = floats(&source, ROWS * columns, 4, at);
            float *y = floats(&source, ROWS * columns, 1, at);
            // The three outputs, then the five activations.
            qk_epilogue epilogue = {
                .output = kind < 3 ? (qk_output)kind : QK_OUTPUT_STORE,
                .activation = kind < 3 ? QK_ACTIVATION_NONE : (qk_activation)(kind - 2),
                .bias = kind % 2 == 0 ? NULL : floats(&source, columns, 1, at),
                .gates = floats(&source, columns, 1, at),
            };
            tier->finish_f32(ROWS, columns, sums, columns, &epilogue, y, columns);
            record(y, ROWS * columns * sizeof(float));
            free_guarded();
        }
    }
}

/// Numbers of all sizes, from the subnormal ones up to those whose exponential overflows.
static float *wide_range(numbers *source, size_t count, edge at) {
    float *x = floats(source, count, 120, at);
    for (size_t index = 0; index < count; index += 3) {
        x[index] = next_float(source, __builtin_ldexpf(1, -(int)(next_number(source) % 150)));
    }
    return x;
}

void activation_cases(const qk_tier *tier, edge at) {
    numbers source = {7};
    for (int activation = QK_ACTIVATION_NONE; activation <= QK_ACTIVATION_QUICK_GELU; activation++) {
        for (size_t index = 0; index < WIDTHS; index++) {
            size_t columns = widths[index];
            float *x = wide_range(&source, ROWS * columns, at);
            const float *other = floats(&source, ROWS * columns, 2, at);
            tier->activate_f32(ROWS, columns, (qk_activation)activation, x, columns);
            record(x, ROWS * columns * sizeof(float));
            tier->activate_multiply_f32(ROWS, columns, (qk_activation)activation, x, columns, other, columns);
            record(x, ROWS * columns * sizeof(float));
            free_guarded();
        }
    }
}

void elementwise_cases(const qk_tier *tier, edge at) {
    numbers source = {8};
    for (size_t index = 0; index < WIDTHS; index++) {
        size_t columns = widths[index];
        const float *x = floats(&source, ROWS * columns, 1, at);
        float *y = floats(&source, ROWS * columns, 1, at);
        tier->add_f32(ROWS, columns, x, columns, y, columns);
        record(y, ROWS * columns * sizeof(float));
        float *heads = floats(&source, ROWS * 2 * columns, 1, at);
        tier->rotate_f32(ROWS, 2 * columns, floats(&source, columns, 1, at), floats(&source, columns, 1, at),
                         heads);
        record(heads, ROWS * 2 * columns * sizeof(float));
        free_guarded();
    }
}
