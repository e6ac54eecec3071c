#include "tier_scalar.h"

#include "depthwise_lanes.h"
