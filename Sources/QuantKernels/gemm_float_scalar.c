#include "tier_scalar.h"

#define FLOAT_TILE_VECTORS 1
#define FLOAT_TILE_SUMS 2

#include "gemm_float_lanes.h"
