#if defined(__aarch64__)

#include "tier_neon.h"

#include "epilogue_lanes.h"

#endif
