/// `multiply_tile` of a tier whose file defines `multiply_rows` with the same parameters, to be inlined: each
/// number of rows up to TILE_ROWS <= 8 gets code of its own.
#define QK_ROWS(count)                                                                                       \
    case count:                                                                                              \
        if (count <= TILE_ROWS) {                                                                            \
            multiply_rows(count, groups, a, a_stride, tap, output, scales, out, fetch);                      \
        }                                                                                                    \
        return

static void multiply_tile(size_t rows, size_t groups, const uint8_t *a, size_t a_stride, const void *tap,
                          tile_output output, const float *scales, void *out, line_fetch fetch) {
    switch (rows) {
        QK_ROWS(1);
        QK_ROWS(2);
        QK_ROWS(3);
        QK_ROWS(4);
        QK_ROWS(5);
        QK_ROWS(6);
        QK_ROWS(7);
        QK_ROWS(8);
    }
}
