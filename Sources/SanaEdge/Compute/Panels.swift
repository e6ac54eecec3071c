import QuantKernels

/// int8 weights in a tier's layout (qk_panels.h), with one scale an output.
struct Panels: Sendable {
    let outputs: Int
    let taps: Int
    let depth: Int
    /// Outputs in one panel.
    let width: Int
    /// Bytes of one panel.
    let panelBytes: Int
    let bytes: Buffer<UInt8>
    let scales: Buffer<Float>
    /// Where output 0's scale stands.
    let firstScale: Int

    var count: Int { (outputs + width - 1) / width }
}

extension Compute {
    /// Packs (outputs, taps · depth) values, the first of which stands at `firstValue`.
    func panels(
        outputs: Int, taps: Int, depth: Int, values: Buffer<Int8>, firstValue: Int = 0, scales: Buffer<Float>,
        firstScale: Int = 0
    ) -> Panels {
        precondition(depth <= QK_MAXIMUM_DEPTH, "sums over \(depth) int8 products may overflow")
        let kernels = unsafe kernels
        let (width, group) = unsafe (kernels.panel_columns, kernels.depth_group)
        let offset = unsafe Int32(kernels.activation_offset)
        let panelBytes = qk_panel_bytes(width, group, taps, depth)
        let count = (outputs + width - 1) / width
        let bytes = Buffer<UInt8>(count: count * panelBytes)
        measured("arrange weights") {
            parallel(count) { panel in
                let first = panel * width
                unsafe qk_pack_panel_s8(
                    width, group, offset, min(width, outputs - first), taps, depth,
                    values.base + firstValue + first * taps * depth, taps * depth,
                    bytes.base + panel * panelBytes)
            }
        }
        return Panels(
            outputs: outputs, taps: taps, depth: depth, width: width, panelBytes: panelBytes, bytes: bytes,
            scales: scales, firstScale: firstScale)
    }
}
