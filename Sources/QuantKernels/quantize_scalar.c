#include "tier_scalar.h"

#include "quantize_lanes.h"
