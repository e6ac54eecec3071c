#include "tier_scalar.h"

enum { PANEL_COLUMNS = 16, DEPTH_GROUP = 4, TILE_ROWS = 4 };

#include "gemm_plain.h"

#include "gemm_lanes.h"
