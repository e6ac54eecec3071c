#if defined(__aarch64__)

#include "tier_neon.h"

#include "norm_lanes.h"

#endif
