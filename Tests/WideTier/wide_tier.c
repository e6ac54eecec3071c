#include "tier_scalar.h"

#undef QK_NAME
#define QK_NAME(operation) operation##_wide
QK_DECLARE_PRODUCTS(wide);

enum { PANEL_COLUMNS = 48, DEPTH_GROUP = 8, TILE_ROWS = 8 };

#include "gemm_plain.h"

#include "gemm_lanes.h"

#include "wide_tier.h"

qk_tier wide_tier(void) {
    qk_tier tier = *qk_tier_at(0);
    tier.name = "wide";
    tier.panel_columns = PANEL_COLUMNS;
    tier.depth_group = DEPTH_GROUP;
    tier.tile_rows = TILE_ROWS;
    tier.keeps_panels = true;
    tier.gemm_s8s8_f32 = QK_NAME(qk_gemm_s8s8_f32);
    tier.gemm_s8s8_s32 = QK_NAME(qk_gemm_s8s8_s32);
    return tier;
}
