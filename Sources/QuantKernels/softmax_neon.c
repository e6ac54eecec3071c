#if defined(__aarch64__)

#include "tier_neon.h"

#include "softmax_lanes.h"

#endif
