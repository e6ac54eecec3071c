/// For `syscall`.
#define _DEFAULT_SOURCE

#include "include/qk_dispatch.h"

#include "tier_functions.h"

#if defined(__x86_64__)
#include "cpu_x86_64.h"
#elif defined(__aarch64__)
#include "cpu_aarch64.h"
#endif

static bool always(void) {
    return true;
}

QK_DECLARE_TIER(scalar);
#if defined(__x86_64__)
QK_DECLARE_TIER(avx2);
QK_DECLARE_TIER(avxvnni);
QK_DECLARE_TIER(avx512vnni);
QK_DECLARE_PRODUCTS(amx);
#elif defined(__aarch64__)
QK_DECLARE_TIER(neon);
QK_DECLARE_TIER(neondotprod);
QK_DECLARE_TIER(neoni8mm);
#endif

static const qk_tier tiers[] = {
    {.name = "scalar",
     .is_supported = always,
     .activation_offset = 0,
     .complements_activations = false,
     .panel_columns = 16,
     .depth_group = 4,
     .tile_rows = 4,
     .keeps_panels = false,
     QK_TIER_FUNCTIONS(scalar, scalar)},
#if defined(__x86_64__)
    {.name = "avx2",
     .is_supported = has_avx2,
     .activation_offset = 0,
     .complements_activations = true,
     .panel_columns = 16,
     .depth_group = 4,
     .tile_rows = 4,
     .keeps_panels = false,
     QK_TIER_FUNCTIONS(avx2, avx2)},
    {.name = "avxvnni",
     .is_supported = has_avxvnni,
     .activation_offset = 128,
     .complements_activations = false,
     .panel_columns = 16,
     .depth_group = 4,
     .tile_rows = 6,
     .keeps_panels = false,
     QK_TIER_FUNCTIONS(avxvnni, avxvnni)},
    {.name = "avx512vnni",
     .is_supported = has_avx512vnni,
     .activation_offset = 128,
     .complements_activations = false,
     .panel_columns = 64,
     .depth_group = 4,
     .tile_rows = 6,
     .keeps_panels = false,
     QK_TIER_FUNCTIONS(avx512vnni, avx512vnni)},
    {.name = "amx",
     .is_supported = has_amx,
     .activation_offset = 0,
     .complements_activations = false,
     .panel_columns = 32,
     .depth_group = 4,
     .tile_rows = 32,
     .keeps_panels = true,
     QK_TIER_FUNCTIONS(avx512vnni, amx)},
#elif defined(__aarch64__)
    {.name = "neon",
     .is_supported = always,
     .activation_offset = 0,
     .complements_activations = false,
     .panel_columns = 16,
     .depth_group = 16,
     .tile_rows = 4,
     .keeps_panels = false,
     QK_TIER_FUNCTIONS(neon, neon)},
    {.name = "neondotprod",
     .is_supported = has_dotprod,
     .activation_offset = 0,
     .complements_activations = false,
     .panel_columns = 16,
     .depth_group = 4,
     .tile_rows = 6,
     .keeps_panels = false,
     QK_TIER_FUNCTIONS(neondotprod, neondotprod)},
    {.name = "neoni8mm",
     .is_supported = has_i8mm,
     .activation_offset = 0,
     .complements_activations = false,
     .panel_columns = 48,
     .depth_group = 8,
     .tile_rows = 8,
     .keeps_panels = false,
     QK_TIER_FUNCTIONS(neoni8mm, neoni8mm)},
#endif
};

size_t qk_tier_count(void) {
    return sizeof tiers / sizeof *tiers;
}

const qk_tier *qk_tier_at(size_t index) {
    return &tiers[index];
}
