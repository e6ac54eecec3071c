#include "cases.h"

enum { HALVES = 1 << 16 };

/// Every half-precision number but NaN, whose bits are the CPU's choice.
static void every_half(const qk_tier *tier, edge at) {
    uint16_t *halves = guarded(HALVES * sizeof(uint16_t), at);
    for (size_t index = 0; index < HALVES; index++) {
        halves[index] = (uint16_t)((index & 0x7FFF) > 0x7C00 ? 0x7C00 : index);
    }
    float *wide = guarded(HALVES * sizeof(float), at);
    tier->widen_f16_f32(HALVES, halves, wide);
    record(wide, HALVES * sizeof(float));
    uint16_t *narrow = guarded(HALVES * sizeof(uint16_t), at);
    qk_narrow_f32_f16(HALVES, wide, narrow);
    record(narrow, HALVES * sizeof(uint16_t));
    free_guarded();
}

void widen_cases(const qk_tier *tier, edge at) {
    numbers source = {13};
    every_half(tier, at);
    const size_t counts[] = {1, 15, 16, 17, 50};
    for (size_t index = 0; index < sizeof counts / sizeof *counts; index++) {
        size_t count = counts[index];
        uint16_t *halves = guarded(count * sizeof(uint16_t), at);
        for (size_t number = 0; number < count; number++) {
            halves[number] = (uint16_t)(next_number(&source) & 0xBBFF);
        }
        float *wide = guarded(count * sizeof(float), at);
        tier->widen_f16_f32(count, halves, wide);
        record(wide, count * sizeof(float));
        tier->widen_bf16_f32(count, halves, wide);
        record(wide, count * sizeof(float));
        tier->widen_s8_f32(count, bytes(&source, count, at), 0.37f, wide);
        record(wide, count * sizeof(float));
        free_guarded();
    }
}
