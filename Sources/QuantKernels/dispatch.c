#include "include/qk_dispatch.h"

#include "tier_functions.h"

static bool always(void) {
    return true;
}

QK_DECLARE_TIER(scalar);

#if defined(__x86_64__)

#include <cpuid.h>

QK_DECLARE_TIER(avx2);
QK_DECLARE_TIER(avxvnni);
QK_DECLARE_TIER(avx512vnni);

typedef struct leaf {
    unsigned eax, ebx, ecx, edx;
} leaf;

/// Zeros for a leaf that this CPU does not have.
static leaf read_leaf(unsigned number, unsigned part) {
    leaf result = {0};
    __get_cpuid_count(number, part, &result.eax, &result.ebx, &result.ecx, &result.edx);
    return result;
}

/// Whether the operating system saves all these parts of the registers (bits of XCR0).
static bool saves_registers(unsigned parts) {
    if (!(read_leaf(1, 0).ecx & bit_OSXSAVE)) {
        return false;
    }
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & parts) == parts;
}

static bool has_avx2(void) {
    const unsigned xmm_and_ymm = 0x06;
    return saves_registers(xmm_and_ymm) && read_leaf(1, 0).ecx & bit_AVX && read_leaf(1, 0).ecx & bit_F16C &&
           read_leaf(7, 0).ebx & bit_AVX2;
}

/// Not all CPUs with AVX-512 VNNI have this form of it.
static bool has_avxvnni(void) {
    const unsigned avx_vnni = 1u << 4;
    return has_avx2() && read_leaf(7, 1).eax & avx_vnni;
}

static bool has_avx512vnni(void) {
    const unsigned masks_and_zmm = 0xE0;
    const unsigned foundation = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    return has_avx2() && saves_registers(masks_and_zmm) && (read_leaf(7, 0).ebx & foundation) == foundation &&
           read_leaf(7, 0).ecx & bit_AVX512VNNI;
}

#endif

static const qk_tier tiers[] = {
    {.name = "scalar",
     .is_supported = always,
     .activation_offset = 0,
     .panel_columns = 16,
     .tile_rows = 4,
     QK_TIER_FUNCTIONS(scalar)},
#if defined(__x86_64__)
    {.name = "avx2",
     .is_supported = has_avx2,
     .activation_offset = 0,
     .panel_columns = 16,
     .tile_rows = 4,
     QK_TIER_FUNCTIONS(avx2)},
    {.name = "avxvnni",
     .is_supported = has_avxvnni,
     .activation_offset = 128,
     .panel_columns = 16,
     .tile_rows = 6,
     QK_TIER_FUNCTIONS(avxvnni)},
    {.name = "avx512vnni",
     .is_supported = has_avx512vnni,
     .activation_offset = 128,
     .panel_columns = 64,
     .tile_rows = 6,
     QK_TIER_FUNCTIONS(avx512vnni)},
#endif
};

size_t qk_tier_count(void) {
    return sizeof tiers / sizeof *tiers;
}

const qk_tier *qk_tier_at(size_t index) {
    return &tiers[index];
}
