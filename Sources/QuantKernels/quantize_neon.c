#if defined(__aarch64__)

#include "tier_neon.h"

#include "quantize_lanes.h"

#endif
