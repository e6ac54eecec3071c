/// The tile registers of AMX, and what they hold in a product.
#ifndef QK_TILES_AMX_H
#define QK_TILES_AMX_H

#include <stdbool.h>

#include "lanes.h"

enum {
    /// Rows and columns of a tile of sums.
    TILE = 16,
    /// Depths of a tile of activations or weights.
    TILE_DEPTH = 64,
    /// Depths of one column that lie side by side in a tile of weights.
    TILE_GROUP = 4,
};

/// The operand of `ldtilecfg`.
typedef struct tile_shapes {
    uint8_t palette;
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_shapes;

// The tile registers: sums of two tiles of rows by two of columns, activations, weights.
#define SUMS_00 0
#define SUMS_01 1
#define SUMS_10 2
#define SUMS_11 3
#define ROWS_0 4
#define ROWS_1 5
#define COLUMNS_0 6
#define COLUMNS_1 7

/// Products of `rows` rows by `depth` depths.
QK_INLINE void shape_tiles(size_t rows, size_t depth) {
    tile_shapes shapes = {.palette = 1};
    for (size_t tile = 0; tile < 8; tile++) {
        bool holds_weights = tile == COLUMNS_0 || tile == COLUMNS_1;
        bool holds_activations = tile == ROWS_0 || tile == ROWS_1;
        shapes.rows[tile] = (uint8_t)(holds_weights ? depth / TILE_GROUP : rows);
        shapes.row_bytes[tile] = (uint16_t)(holds_activations ? depth : TILE * sizeof(int32_t));
    }
    _tile_loadconfig(&shapes);
}

#endif
