#if defined(__aarch64__)

#include "tier_neondotprod.h"

#include "peak_lanes.h"

QK_PEAK(qk_peak_s8, int32x4_t, int8x16_t, QK_VECTOR, 16, 16, vdotq_s32)
QK_PEAK(qk_peak_f32, float32x4_t, float32x4_t, QK_VECTOR, 16, 4, vfmaq_f32)

#include "tier_end.h"

#endif
