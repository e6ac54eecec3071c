#if defined(__aarch64__)

#include "tier_neoni8mm.h"

#include "elementwise_lanes.h"

#include "tier_end.h"

#endif
