#include "tier_scalar.h"

#include "norm_lanes.h"
