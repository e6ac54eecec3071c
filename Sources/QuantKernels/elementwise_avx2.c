#if defined(__x86_64__)

#include "tier_avx2.h"

#include "elementwise_lanes.h"

#include "tier_end.h"

#endif
