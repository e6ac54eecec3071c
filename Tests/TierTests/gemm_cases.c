#include <string.h>

#include "cases.h"

/// A product with its operands.
typedef struct product {
    qk_gemm_s8s8 gemm;
    size_t rows;
    size_t columns;
    size_t depth;
    size_t taps;
    /// Activation rows before row 0 and behind the last row, for taps.
    size_t margin;
    const int8_t *activations;
    const int8_t *weights;
} product;

static const ptrdiff_t no_offset[] = {0};
static const ptrdiff_t nine_taps[] = {-9, -8, -7, -1, 0, 1, 7, 8, 9};

/// Row-major activations in the tier's form.
static uint8_t *stored_rows(const qk_tier *tier, size_t rows, size_t depth, size_t stride,
                            const int8_t *activations, edge at) {
    uint8_t *stored = guarded(rows * stride, at);
    memset(stored, tier->activation_offset, rows * stride);
    for (size_t row = 0; row < rows; row++) {
        for (size_t k = 0; k < depth; k++) {
            stored[row * stride + k] = (uint8_t)(activations[row * depth + k] + tier->activation_offset);
        }
    }
    return stored;
}

static void *packed(const qk_tier *tier, const product *p, edge at) {
    size_t width = tier->panel_columns;
    size_t bytes = qk_panel_bytes(width, tier->depth_group, p->taps, p->depth);
    size_t count = (p->columns + width - 1) / width;
    char *panels = guarded(count * bytes, at);
    memset(panels, 0, count * bytes);
    for (size_t panel = 0; panel < count; panel++) {
        size_t first = panel * width;
        size_t columns = p->columns - first < width ? p->columns - first : width;
        qk_pack_panel_s8(width, tier->depth_group, tier->activation_offset, tier->complements_activations, 0,
                         columns, p->taps, p->depth, p->weights + first * p->taps * p->depth,
                         p->taps * p->depth, panels + panel * bytes);
    }
    return panels;
}

/// `slack`: groups of depths between activation rows and numbers between rows of y.
static void prepare(const qk_tier *tier, product *p, numbers *source, size_t slack, edge at) {
    size_t groups = qk_depth_groups(tier->depth_group, p->depth) + slack;
    size_t stride = groups * tier->depth_group;
    size_t rows = p->rows + 2 * p->margin;
    size_t y_stride = p->columns + slack;
    p->gemm = (qk_gemm_s8s8){
        .rows = p->rows,
        .columns = p->columns,
        .depth = p->depth,
        .taps = p->taps,
        .tap_rows = p->taps == 1 ? no_offset : nine_taps,
        .activations = stored_rows(tier, rows, p->depth, stride, p->activations, at) + p->margin * stride,
        .activations_stride = stride,
        .scales = floats(source, rows, 1, at) + p->margin,
        .panels = packed(tier, p, at),
        .column_scales = floats(source, p->columns, 1e-3f, at),
        .epilogue = {.bias = floats(source, p->columns, 1, at), .gates = floats(source, p->columns, 1, at)},
        .y = floats(source, (p->rows - 1) * y_stride + p->columns, 1, at),
        .y_stride = y_stride,
    };
}

static product random_product(numbers *source, size_t rows, size_t columns, size_t depth, size_t taps,
                              edge at) {
    size_t margin = taps == 1 ? 0 : 9;
    return (product){
        .rows = rows,
        .columns = columns,
        .depth = depth,
        .taps = taps,
        .margin = margin,
        .activations = bytes(source, (rows + 2 * margin) * depth, at),
        .weights = bytes(source, columns * taps * depth, at),
    };
}

/// The sums, which are also held against their definition.
static void record_sums(const qk_tier *tier, product *p, edge at) {
    size_t stride = p->gemm.y_stride;
    size_t count = (p->rows - 1) * stride + p->columns;
    int32_t *sums = guarded(count * sizeof(int32_t), at);
    tier->gemm_s8s8_s32(&p->gemm, sums, stride);
    record(sums, count * sizeof(int32_t));
    size_t wrong = 0;
    for (size_t row = 0; row < p->rows; row++) {
        for (size_t column = 0; column < p->columns; column++) {
            int32_t sum = 0;
            for (size_t k = 0; k < p->depth; k++) {
                sum += p->activations[row * p->depth + k] * p->weights[column * p->depth + k];
            }
            wrong += sums[row * stride + column] != sum;
        }
    }
    expect(wrong == 0, "not the sum of the products");
}

static void record_y(const qk_tier *tier, product *p) {
    tier->gemm_s8s8_f32(&p->gemm);
    record(p->gemm.y, ((p->rows - 1) * p->gemm.y_stride + p->columns) * sizeof(float));
}

static const size_t row_counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 32, 35, 67};
static const size_t column_counts[] = {1, 3, 15, 16, 17, 47, 48, 49, 63, 64, 65, 130, 290};
static const size_t depths[] = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 128, 129, 2057};

#define COUNT(array) (sizeof(array) / sizeof *(array))

void sums_cases(const qk_tier *tier, edge at) {
    numbers source = {2};
    for (size_t r = 0; r < COUNT(row_counts); r++) {
        for (size_t c = 0; c < COUNT(column_counts); c++) {
            for (size_t d = (r + c) % 3; d < COUNT(depths); d += 3) {
                product p = random_product(&source, row_counts[r], column_counts[c], depths[d], 1, at);
                prepare(tier, &p, &source, d % 2 * 3, at);
                record_sums(tier, &p, at);
                free_guarded();
            }
        }
    }
}

void product_cases(const qk_tier *tier, edge at) {
    numbers source = {3};
    const qk_output outputs[] = {QK_OUTPUT_STORE, QK_OUTPUT_ADD, QK_OUTPUT_ADD_GATED};
    for (size_t r = 0; r < COUNT(row_counts); r++) {
        for (size_t c = 0; c < COUNT(column_counts); c++) {
            size_t depth = depths[(r + 5 * c) % COUNT(depths)];
            product p = random_product(&source, row_counts[r], column_counts[c], depth, 1, at);
            prepare(tier, &p, &source, c % 2 * 3, at);
            p.gemm.epilogue.output = outputs[r % COUNT(outputs)];
            p.gemm.epilogue.activation = (qk_activation)((r / 3 + c) % 5);
            record_y(tier, &p);
            free_guarded();
        }
    }
}

/// Without an activation, each output with each number of rows, and a tap that reads other rows than its own.
void finished_cases(const qk_tier *tier, edge at) {
    numbers source = {15};
    static const ptrdiff_t row_before[] = {-1};
    for (size_t r = 0; r < COUNT(row_counts); r++) {
        for (qk_output output = QK_OUTPUT_STORE; output <= QK_OUTPUT_ADD_GATED; output++) {
            size_t depth = depths[(3 * r + output) % COUNT(depths)];
            product p = random_product(&source, row_counts[r], 128 + r % 2, depth, 1, at);
            prepare(tier, &p, &source, r % 2 * 3, at);
            p.gemm.tap_rows = row_before;
            p.gemm.activations += p.gemm.activations_stride;
            p.gemm.scales++;
            p.gemm.epilogue.output = output;
            if ((r + output) % 2 == 0) {
                p.gemm.epilogue.bias = NULL;
            }
            record_y(tier, &p);
            free_guarded();
        }
    }
}

/// As on an image's border: sums of nothing. Whether they are 0 or -0 shows behind a bias of -0.
static void nothing(product *p) {
    float *scales = (float *)p->gemm.scales, *bias = (float *)p->gemm.epilogue.bias;
    for (ptrdiff_t row = -(ptrdiff_t)p->margin; row < (ptrdiff_t)(p->rows + p->margin); row++) {
        scales[row] = 0;
    }
    for (size_t column = 0; column < p->columns; column++) {
        bias[column] = -0.0f;
    }
}

void taps_cases(const qk_tier *tier, edge at) {
    numbers source = {4};
    for (size_t r = 0; r < COUNT(row_counts); r++) {
        for (size_t d = r % 2; d < COUNT(depths); d += 2) {
            product p = random_product(&source, row_counts[r], 70, depths[d], COUNT(nine_taps), at);
            prepare(tier, &p, &source, d % 2, at);
            if (d % 4 == 3) {
                nothing(&p);
            }
            record_y(tier, &p);
            free_guarded();
        }
    }
}

/// The greatest sums that int8 can have, where an instruction that saturates would show.
void extreme_cases(const qk_tier *tier, edge at) {
    numbers source = {5};
    const size_t rows[] = {7, 7, 7, 1}, columns[] = {65, 65, 65, 1};
    const size_t deep[] = {4, 1152, 5000, QK_MAXIMUM_DEPTH};
    for (size_t index = 0; index < COUNT(deep); index++) {
        for (int signs = 0; signs < 4; signs++) {
            product p = random_product(&source, rows[index], columns[index], deep[index], 1, at);
            memset((int8_t *)p.activations, signs & 1 ? -127 : 127, p.rows * p.depth);
            memset((int8_t *)p.weights, signs & 2 ? -127 : 127, p.columns * p.depth);
            prepare(tier, &p, &source, 0, at);
            record_sums(tier, &p, at);
            free_guarded();
        }
    }
}
