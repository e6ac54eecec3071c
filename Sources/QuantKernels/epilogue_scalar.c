#include "tier_scalar.h"

#include "epilogue_lanes.h"
