/// Stored weights as float32, and back.
#ifndef QK_WIDEN_H
#define QK_WIDEN_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// IEEE half precision, exactly; NaN becomes some NaN.
typedef void qk_widen_f16_f32(size_t count, const uint16_t *values, float *wide);
/// bfloat16, exactly.
typedef void qk_widen_bf16_f32(size_t count, const uint16_t *values, float *wide);
/// values x scale, rounded once.
typedef void qk_widen_s8_f32(size_t count, const int8_t *values, float scale, float *wide);

/// To the nearest half-precision number, half to even; overflow gives infinity.
void qk_narrow_f32_f16(size_t count, const float *values, uint16_t *narrow);

#pragma clang assume_nonnull end

#endif
