#if defined(__x86_64__)

#include "tier_avx2.h"

#include "quantize_lanes.h"

#include "tier_end.h"

#endif
