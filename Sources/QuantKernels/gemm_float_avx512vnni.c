#if defined(__x86_64__)

#include "tier_avx512vnni.h"

#define FLOAT_TILE_VECTORS 5
#define FLOAT_TILE_SUMS 25

#include "gemm_float_lanes.h"

#include "tier_end.h"

#endif
