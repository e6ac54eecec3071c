#include "tier_scalar.h"

#include "softmax_lanes.h"
