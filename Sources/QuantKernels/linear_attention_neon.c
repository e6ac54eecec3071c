#if defined(__aarch64__)

#include "tier_neon.h"

#include "linear_attention_lanes.h"

#endif
