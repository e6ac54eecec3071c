#if defined(__aarch64__)

#include "tier_neondotprod.h"

// Sixteen floats take four of the 32 registers.
#define FLOAT_TILE_VECTORS 1
#define FLOAT_TILE_SUMS 6

#include "gemm_float_lanes.h"

#include "tier_end.h"

#endif
