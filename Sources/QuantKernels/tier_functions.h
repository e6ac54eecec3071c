/// The functions that every tier has, declared for one tier.
#ifndef QK_TIER_FUNCTIONS_H
#define QK_TIER_FUNCTIONS_H

#include "include/qk_dispatch.h"

/// Those that tiers differ in that have all others in common.
#define QK_DECLARE_PRODUCTS(tier)                                                                            \
    qk_gemm_s8s8_f32 qk_gemm_s8s8_f32_##tier;                                                                \
    qk_gemm_s8s8_s32 qk_gemm_s8s8_s32_##tier;                                                                \
    qk_peak_s8 qk_peak_s8_##tier

#define QK_DECLARE_TIER(tier)                                                                                \
    QK_DECLARE_PRODUCTS(tier);                                                                               \
    qk_quantize_f32_s8 qk_quantize_f32_s8_##tier;                                                            \
    qk_quantize_scaled_f32_s8 qk_quantize_scaled_f32_s8_##tier;                                              \
    qk_quantize_f32_s8x2 qk_quantize_f32_s8x2_##tier;                                                        \
    qk_is_finite_f32 qk_is_finite_f32_##tier;                                                                \
    qk_gemm_f32 qk_gemm_f32_##tier;                                                                          \
    qk_finish_f32 qk_finish_f32_##tier;                                                                      \
    qk_activate_f32 qk_activate_f32_##tier;                                                                  \
    qk_activate_multiply_f32 qk_activate_multiply_f32_##tier;                                                \
    qk_add_f32 qk_add_f32_##tier;                                                                            \
    qk_rotate_f32 qk_rotate_f32_##tier;                                                                      \
    qk_layer_norm_f32 qk_layer_norm_f32_##tier;                                                              \
    qk_rms_norm_f32 qk_rms_norm_f32_##tier;                                                                  \
    qk_depthwise_f32 qk_depthwise_f32_##tier;                                                                \
    qk_gated_depthwise_f32 qk_gated_depthwise_f32_##tier;                                                    \
    qk_linear_attention_state_f32 qk_linear_attention_state_f32_##tier;                                      \
    qk_linear_attention_output_f32 qk_linear_attention_output_f32_##tier;                                    \
    qk_softmax_f32 qk_softmax_f32_##tier;                                                                    \
    qk_widen_f16_f32 qk_widen_f16_f32_##tier;                                                                \
    qk_widen_bf16_f32 qk_widen_bf16_f32_##tier;                                                              \
    qk_widen_s8_f32 qk_widen_s8_f32_##tier;                                                                  \
    qk_peak_f32 qk_peak_f32_##tier

/// The functions of a tier, of which the products may be another's.
#define QK_TIER_FUNCTIONS(tier, products)                                                                    \
    .gemm_s8s8_f32 = qk_gemm_s8s8_f32_##products, .gemm_s8s8_s32 = qk_gemm_s8s8_s32_##products,              \
    .peak_s8 = qk_peak_s8_##products, .quantize_f32_s8 = qk_quantize_f32_s8_##tier,                          \
    .is_finite_f32 = qk_is_finite_f32_##tier, .quantize_scaled_f32_s8 = qk_quantize_scaled_f32_s8_##tier,    \
    .quantize_f32_s8x2 = qk_quantize_f32_s8x2_##tier, .gemm_f32 = qk_gemm_f32_##tier,                        \
    .finish_f32 = qk_finish_f32_##tier, .activate_f32 = qk_activate_f32_##tier,                              \
    .activate_multiply_f32 = qk_activate_multiply_f32_##tier, .add_f32 = qk_add_f32_##tier,                  \
    .rotate_f32 = qk_rotate_f32_##tier, .layer_norm_f32 = qk_layer_norm_f32_##tier,                          \
    .rms_norm_f32 = qk_rms_norm_f32_##tier, .depthwise_f32 = qk_depthwise_f32_##tier,                        \
    .gated_depthwise_f32 = qk_gated_depthwise_f32_##tier,                                                    \
    .linear_attention_state_f32 = qk_linear_attention_state_f32_##tier,                                      \
    .linear_attention_output_f32 = qk_linear_attention_output_f32_##tier,                                    \
    .softmax_f32 = qk_softmax_f32_##tier, .widen_f16_f32 = qk_widen_f16_f32_##tier,                          \
    .widen_bf16_f32 = qk_widen_bf16_f32_##tier, .widen_s8_f32 = qk_widen_s8_f32_##tier,                      \
    .peak_f32 = qk_peak_f32_##tier

#endif
