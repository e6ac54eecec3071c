#if defined(__x86_64__)

#include "tier_avxvnni.h"

#include "quantize_lanes.h"

#include "tier_end.h"

#endif
