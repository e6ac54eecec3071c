#include "tier_scalar.h"

#include "elementwise_lanes.h"
