/// The form in which a tier reads int8 weights.
///
/// A weight is `columns` rows (the output channels, which are columns of the product) of `taps` x `depth`
/// int8 values in [-127, 127]; a plain matrix has one tap. A panel holds `panel_columns` output channels; the
/// last one is filled up with zeros. Tap by tap it holds `panel_columns` int32, then, for each group of
/// `depth_group` depths, `panel_columns` x `depth_group` int8; the last group is filled up with zeros. The
/// int32 are what the accumulators start from: -`activation_offset` times the sum of the channel's weights in
/// this tap, or, for a tier that complements activations, minus the sum of its negative weights.
#ifndef QK_PANELS_H
#define QK_PANELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// The greatest depth whose int32 sums cannot overflow on any tier: 255 x 127 x 65536 < 2^31.
#define QK_MAXIMUM_DEPTH 65536

static inline size_t qk_depth_groups(size_t depth_group, size_t depth) {
    return (depth + depth_group - 1) / depth_group;
}

/// The size of one panel in bytes.
static inline size_t qk_panel_bytes(size_t panel_columns, size_t depth_group, size_t taps, size_t depth) {
    return taps * panel_columns * (sizeof(int32_t) + qk_depth_groups(depth_group, depth) * depth_group);
}

/// Packs the channels from `first` on of one panel, `columns` of them, and touches no others. `weights` is
/// the first of these, each `stride` values after the one before it; tap t of a channel starts at t x
/// `depth`. Channels that do not exist are zeros before.
void qk_pack_panel_s8(size_t panel_columns, size_t depth_group, int activation_offset,
                      bool complements_activations, size_t first, size_t columns, size_t taps, size_t depth,
                      const int8_t *weights, size_t stride, void *panel);

#pragma clang assume_nonnull end

#endif
