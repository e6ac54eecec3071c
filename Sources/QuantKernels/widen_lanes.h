#include "include/qk_widen.h"
#include "lanes.h"

#ifdef QK_CONVERTS_HALF

typedef _Float16 half_x16 __attribute__((vector_size(32)));

/// Half precision as float32, by the tier's own instruction.
QK_INLINE f32x16 widen_half(u16x16 half) {
    return __builtin_convertvector((half_x16)half, f32x16);
}

#else

/// Half precision as float32. Where the exponent is that of subnormals, the significand counts units of
/// 2^-24, which float32 arithmetic converts exactly.
QK_INLINE f32x16 widen_half(u16x16 half) {
    u32x16 bits = __builtin_convertvector(half, u32x16);
    u32x16 exponent_and_fraction = (bits & 0x7FFF) << 13;
    i32x16 is_special = (i32x16)(exponent_and_fraction >= 0x0F800000u);
    i32x16 is_tiny = (i32x16)(exponent_and_fraction < 0x00800000u);
    u32x16 normal = exponent_and_fraction + 0x38000000u + ((u32x16)is_special & 0x38000000u);
    // 2^-14 + fraction 2^-24, less 2^-14.
    f32x16 tiny = (f32x16)(exponent_and_fraction + 0x38800000u) - 0x1p-14f;
    u32x16 sign = (bits & 0x8000) << 16;
    return (f32x16)((u32x16)pick(is_tiny, tiny, (f32x16)normal) | sign);
}

#endif

void QK_NAME(qk_widen_f16_f32)(size_t count, const uint16_t *values, float *wide) {
    for (size_t index = 0; index < count; index += QK_LANES) {
        size_t left = count - index;
        u16x16 half = {0};
        memcpy(&half, values + index, left < QK_LANES ? left * sizeof(uint16_t) : sizeof half);
        store_first(wide + index, widen_half(half), left);
    }
}

void QK_NAME(qk_widen_bf16_f32)(size_t count, const uint16_t *values, float *wide) {
    for (size_t index = 0; index < count; index += QK_LANES) {
        size_t left = count - index;
        u16x16 half = {0};
        memcpy(&half, values + index, left < QK_LANES ? left * sizeof(uint16_t) : sizeof half);
        store_first(wide + index, (f32x16)(__builtin_convertvector(half, u32x16) << 16), left);
    }
}

void QK_NAME(qk_widen_s8_f32)(size_t count, const int8_t *values, float scale, float *wide) {
    for (size_t index = 0; index < count; index += QK_LANES) {
        size_t left = count - index;
        i8x16 bytes = {0};
        memcpy(&bytes, values + index, left < QK_LANES ? left : sizeof bytes);
        store_first(wide + index, __builtin_convertvector(bytes, f32x16) * scale, left);
    }
}
