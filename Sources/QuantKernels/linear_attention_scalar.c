#include "tier_scalar.h"

#include "linear_attention_lanes.h"
