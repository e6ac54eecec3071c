#include "cases.h"

static const size_t widths[] = {1, 2, 3, 4, 15, 16, 17, 31, 33, 64, 100, 1153};

enum { ROWS = 4 };

static void quantize(const qk_tier *tier, size_t columns, size_t stride, const float *x, uint8_t offset,
                     edge at) {
    uint8_t *q = guarded(ROWS * stride, at);
    float *scales = guarded(ROWS * sizeof(float), at);
    expect(tier->quantize_f32_s8(ROWS, columns, x, columns, offset, q, stride, scales), "finite numbers");
    record(q, ROWS * stride);
    record(scales, ROWS * sizeof(float));
}

static void quantize_scaled(const qk_tier *tier, size_t columns, size_t stride, const float *x,
                            const float *factors, uint8_t offset, edge at) {
    uint8_t *q = guarded(ROWS * stride, at);
    float *scales = guarded(ROWS * sizeof(float), at);
    expect(tier->quantize_scaled_f32_s8(ROWS, columns, x, columns, factors, offset, q, stride, scales),
           "finite numbers");
    record(q, ROWS * stride);
    record(scales, ROWS * sizeof(float));
}

static void quantize_digits(const qk_tier *tier, size_t columns, size_t stride, const float *x,
                            uint8_t offset, edge at) {
    uint8_t *high = guarded(ROWS * stride, at);
    uint8_t *low = guarded(ROWS * stride, at);
    float *high_scales = guarded(ROWS * sizeof(float), at);
    float *low_scales = guarded(ROWS * sizeof(float), at);
    expect(tier->quantize_f32_s8x2(ROWS, columns, x, columns, offset, high, low, stride, high_scales,
                                   low_scales),
           "finite numbers");
    record(high, ROWS * stride);
    record(low, ROWS * stride);
    record(high_scales, ROWS * sizeof(float));
    record(low_scales, ROWS * sizeof(float));
}

void quantize_cases(const qk_tier *tier, edge at) {
    numbers source = {1};
    for (size_t index = 0; index < sizeof widths / sizeof *widths; index++) {
        size_t columns = widths[index];
        size_t stride = (columns + 15) / 16 * 16;
        float *x = floats(&source, ROWS * columns, 3, at);
        // A row of small numbers, one of ties, one without a scale of its own.
        for (size_t column = 0; column < columns; column++) {
            x[columns + column] *= 0x1p-100f;
            x[2 * columns + column] = column == 0 ? 127 : (float)(int)(column % 253) / 2 - 63;
            x[3 * columns + column] *= 0x1p-126f;
        }
        float *factors = floats(&source, columns, 50, at);
        for (int offset = 0; offset <= 128; offset += 128) {
            quantize(tier, columns, stride, x, (uint8_t)offset, at);
            quantize_scaled(tier, columns, stride, x, factors, (uint8_t)offset, at);
            quantize_digits(tier, columns, stride, x, (uint8_t)offset, at);
        }
        expect(tier->is_finite_f32(ROWS, columns, x, columns), "finite numbers");
        x[next_number(&source) % (ROWS * columns)] = __builtin_inff();
        expect(!tier->is_finite_f32(ROWS, columns, x, columns), "infinity");
        free_guarded();
    }
}
