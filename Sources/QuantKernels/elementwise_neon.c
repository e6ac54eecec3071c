#if defined(__aarch64__)

#include "tier_neon.h"

#include "elementwise_lanes.h"

#endif
