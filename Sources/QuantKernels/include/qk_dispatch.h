/// Tiers, and the functions of each.
#ifndef QK_DISPATCH_H
#define QK_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qk_depthwise.h"
#include "qk_elementwise.h"
#include "qk_epilogue.h"
#include "qk_gemm.h"
#include "qk_gemm_float.h"
#include "qk_linear_attention.h"
#include "qk_norm.h"
#include "qk_peak.h"
#include "qk_quantize.h"
#include "qk_softmax.h"
#include "qk_widen.h"

#pragma clang assume_nonnull begin

/// One instruction-set variant of every operation.
typedef struct __attribute__((swift_attr("@Sendable"))) qk_tier {
    /// As `QK_TIER` spells it.
    const char *name;
    /// Whether this CPU has the instructions and the operating system saves their registers.
    bool (*is_supported)(void);

    /// What is added to int8 activations before they are stored: 0 or 128.
    uint8_t activation_offset;
    /// Whether a negative weight's magnitude is multiplied by the activation's complement, -1 - a: the sums
    /// then start from what this lacks.
    bool complements_activations;
    /// Output channels in a panel of weights.
    size_t panel_columns;
    /// Depths that lie side by side in a panel: 4, 8 or 16.
    size_t depth_group;
    /// Rows that the product computes at once: blocks of rows are best a multiple of it.
    size_t tile_rows;
    /// Whether a product is fastest where panels stay in a core's second cache and many rows pass by; others
    /// are where rows stay and panels pass by.
    bool keeps_panels;

    qk_quantize_f32_s8 *quantize_f32_s8;
    qk_quantize_scaled_f32_s8 *quantize_scaled_f32_s8;
    qk_quantize_f32_s8x2 *quantize_f32_s8x2;
    qk_is_finite_f32 *is_finite_f32;
    qk_gemm_s8s8_f32 *gemm_s8s8_f32;
    qk_gemm_s8s8_s32 *gemm_s8s8_s32;
    qk_gemm_f32 *gemm_f32;
    qk_finish_f32 *finish_f32;
    qk_activate_f32 *activate_f32;
    qk_activate_multiply_f32 *activate_multiply_f32;
    qk_add_f32 *add_f32;
    qk_rotate_f32 *rotate_f32;
    qk_layer_norm_f32 *layer_norm_f32;
    qk_rms_norm_f32 *rms_norm_f32;
    qk_depthwise_f32 *depthwise_f32;
    qk_gated_depthwise_f32 *gated_depthwise_f32;
    qk_linear_attention_state_f32 *linear_attention_state_f32;
    qk_linear_attention_output_f32 *linear_attention_output_f32;
    qk_softmax_f32 *softmax_f32;
    qk_widen_f16_f32 *widen_f16_f32;
    qk_widen_bf16_f32 *widen_bf16_f32;
    qk_widen_s8_f32 *widen_s8_f32;
    qk_peak_s8 *peak_s8;
    qk_peak_f32 *peak_f32;
} qk_tier;

/// How many tiers this build has for its architecture, the slowest first.
size_t qk_tier_count(void);
/// Tier `index` < `qk_tier_count()`.
const qk_tier *qk_tier_at(size_t index);

#pragma clang assume_nonnull end

#endif
