#if defined(__aarch64__)

#include "tier_neon.h"

#include "depthwise_lanes.h"

#endif
