/// `multiply_tile` of a tier whose file defines `multiply_rows` with the same parameters, to be inlined: each
/// number of rows up to TILE_ROWS <= 8 gets code of its own.
#define QK_ROWS(count, function, ...)                                                                        \
    case count:                                                                                              \
        if (count <= TILE_ROWS) {                                                                            \
            function(count, __VA_ARGS__);                                                                    \
        }                                                                                                    \
        return

/// function(rows, ...)
#define QK_FOR_ROWS(function, ...)                                                                           \
    switch (rows) {                                                                                          \
        QK_ROWS(1, function, __VA_ARGS__);                                                                   \
        QK_ROWS(2, function, __VA_ARGS__);                                                                   \
        QK_ROWS(3, function, __VA_ARGS__);                                                                   \
        QK_ROWS(4, function, __VA_ARGS__);                                                                   \
        QK_ROWS(5, function, __VA_ARGS__);                                                                   \
        QK_ROWS(6, function, __VA_ARGS__);                                                                   \
        QK_ROWS(7, function, __VA_ARGS__);                                                                   \
        QK_ROWS(8, function, __VA_ARGS__);                                                                   \
    }

static void multiply_tile(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                          tile_output output, const float *scales, void *out, tile_fetch fetch) {
    QK_FOR_ROWS(multiply_rows, groups, a, a_stride, tap, output, scales, out, fetch);
}
