#if defined(__aarch64__)

#include "tier_neondotprod.h"

#include "epilogue_lanes.h"

#include "tier_end.h"

#endif
