#if defined(__x86_64__)

#include "tier_amx.h"

#include "include/qk_peak.h"
#include "tiles_amx.h"

uint64_t QK_NAME(qk_peak_s8)(size_t iterations) {
    shape_tiles(TILE, TILE_DEPTH);
    uint8_t bytes[TILE * TILE_DEPTH];
    memset(bytes, 0x3F, sizeof bytes);
    _tile_zero(SUMS_00);
    _tile_zero(SUMS_01);
    _tile_zero(SUMS_10);
    _tile_zero(SUMS_11);
    _tile_loadd(ROWS_0, bytes, TILE_DEPTH);
    _tile_loadd(ROWS_1, bytes, TILE_DEPTH);
    _tile_loadd(COLUMNS_0, bytes, TILE_DEPTH);
    _tile_loadd(COLUMNS_1, bytes, TILE_DEPTH);
    for (size_t iteration = 0; iteration < iterations; iteration++) {
        _tile_dpbusd(SUMS_00, ROWS_0, COLUMNS_0);
        _tile_dpbusd(SUMS_01, ROWS_0, COLUMNS_1);
        _tile_dpbusd(SUMS_10, ROWS_1, COLUMNS_0);
        _tile_dpbusd(SUMS_11, ROWS_1, COLUMNS_1);
    }
    _tile_release();
    return (uint64_t)iterations * 4 * TILE * TILE * TILE_DEPTH;
}

#include "tier_end.h"

#endif
