#if defined(__aarch64__)

#include "tier_neon.h"

#include "widen_lanes.h"

#endif
