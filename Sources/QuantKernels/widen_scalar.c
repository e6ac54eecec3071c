#include "tier_scalar.h"

#include "widen_lanes.h"
