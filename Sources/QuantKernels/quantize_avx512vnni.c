#if defined(__x86_64__)

#include "tier_avx512vnni.h"

#include "quantize_lanes.h"

#include "tier_end.h"

#endif
