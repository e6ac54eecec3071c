#if defined(__x86_64__)

#include "tier_avxvnni.h"

// Sixteen floats take two registers.
#define FLOAT_TILE_VECTORS 1
#define FLOAT_TILE_SUMS 6

#include "gemm_float_lanes.h"

#include "tier_end.h"

#endif
