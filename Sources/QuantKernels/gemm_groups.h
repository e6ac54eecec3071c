/// The loop over depths of an x86 tier's tile.
///
/// The tier's file defines PANEL_COLUMNS, DEPTH_GROUP, TILE_ROWS <= 6, `tile_sums` and
///
///     static void add_group(size_t rows, size_t registers, size_t turn, equidistant a, const char *weights,
///     tile_sums *sums)
///
/// to be inlined, which adds the products of one group of depths and the columns of the first registers;
/// `turn` is the group's number, or 0.
#include <immintrin.h>

#include "gemm_tile.h"

/// Up to six places, a stride apart, at no instruction of their own: an address is a base and a constant, and
/// no, one or two strides. Beside its multiplications a tile does nearly as much as a core can start, and too
/// much for half a core, where another thread has the other half.
typedef struct equidistant {
    const char *first;
    const char *fourth;
    size_t stride;
} equidistant;

QK_INLINE equidistant places_from(const void *first, size_t stride) {
    return (equidistant){first, (const char *)first + 3 * stride, stride};
}

QK_INLINE const char *place(equidistant places, size_t index) {
    return index < 3 ? places.first + index * places.stride : places.fourth + (index - 3) * places.stride;
}

QK_INLINE equidistant moved(equidistant places, size_t bytes) {
    return (equidistant){places.first + bytes, places.fourth + bytes, places.stride};
}

/// The next four activations of a row.
QK_INLINE int32_t four_of(equidistant a, size_t row) {
    int32_t four;
    memcpy(&four, place(a, row), sizeof four);
    return four;
}

QK_INLINE void add_group(size_t rows, size_t registers, size_t turn, equidistant a, const char *weights,
                         tile_sums *sums);

enum { GROUP_BYTES = PANEL_COLUMNS * DEPTH_GROUP };

/// Weights are fetched, rows of y are not.
QK_INLINE void multiply_groups(size_t rows, size_t registers, size_t groups, const uint8_t *activations,
                               size_t stride, const char *weights, line_fetch fetch, tile_sums *sums) {
    equidistant a = places_from(activations, stride), lines = places_from(fetch.first, fetch.step);
    for (; groups >= GROUPS_AT_ONCE; groups -= GROUPS_AT_ONCE) {
        // The compiler would rather keep an address for each place.
        __asm__("" : "+r"(a.first), "+r"(a.fourth), "+r"(lines.first), "+r"(lines.fourth), "+r"(weights));
#pragma clang loop unroll(full)
        for (size_t turn = 0; turn < GROUPS_AT_ONCE; turn++) {
            _mm_prefetch(place(lines, turn), _MM_HINT_T1);
            add_group(rows, registers, turn, moved(a, turn * DEPTH_GROUP), weights + turn * GROUP_BYTES,
                      sums);
        }
        a = moved(a, GROUPS_AT_ONCE * DEPTH_GROUP);
        lines = moved(lines, GROUPS_AT_ONCE * fetch.step);
        weights += GROUPS_AT_ONCE * GROUP_BYTES;
    }
    for (; groups > 0; groups--, a = moved(a, DEPTH_GROUP), weights += GROUP_BYTES) {
        add_group(rows, registers, 0, a, weights, sums);
    }
}

/// The products of all groups of depths, and with them all that is to be fetched.
QK_INLINE void add_groups(size_t rows, size_t registers, size_t groups, const uint8_t *activations,
                          size_t stride, const char *weights, tile_fetch fetch, tile_sums *sums) {
    do {
        size_t count = fetch.rows > 1 ? fetch.groups_of_row : groups;
        if (fetch.rows > 0) {
            fetch_row(fetch);
        }
        multiply_groups(rows, registers, count, activations, stride, weights, fetch.weights, sums);
        activations += count * DEPTH_GROUP;
        weights += count * GROUP_BYTES;
        groups -= count;
        fetch = fetched(fetch, count, 1);
    } while (fetch.rows > 0);
}
