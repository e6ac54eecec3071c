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
    /// Panels of weights that are still to be packed; zeros until then.
    func emptyPanels(
        outputs: Int, taps: Int, depth: Int, scales: Buffer<Float>, firstScale: Int = 0
    ) -> Panels {
        precondition(depth <= QK_MAXIMUM_DEPTH, "sums over \(depth) int8 products may overflow")
        let (width, group) = unsafe (kernels.panel_columns, kernels.depth_group)
        let panelBytes = qk_panel_bytes(width, group, taps, depth)
        let bytes = Buffer<UInt8>(count: (outputs + width - 1) / width * panelBytes)
        return Panels(
            outputs: outputs, taps: taps, depth: depth, width: width, panelBytes: panelBytes, bytes: bytes,
            scales: scales, firstScale: firstScale)
    }

    /// Packs some outputs, (outputs.count, taps · depth) values, on the calling thread. Others may be packed at the
    /// same time.
    func pack(_ values: UnsafePointer<Int8>, outputs: Range<Int>, into panels: Panels) {
        let group = unsafe kernels.depth_group
        let offset = unsafe Int32(kernels.activation_offset)
        let complements = unsafe kernels.complements_activations
        let size = panels.taps * panels.depth
        var output = outputs.lowerBound
        while output < outputs.upperBound {
            let (panel, first) = (output / panels.width, output % panels.width)
            let count = min(panels.width - first, outputs.upperBound - output)
            unsafe qk_pack_panel_s8(
                panels.width, group, offset, complements, first, count, panels.taps, panels.depth,
                values + (output - outputs.lowerBound) * size, size,
                panels.bytes.base + panel * panels.panelBytes)
            output += count
        }
    }

    /// Packs (outputs, taps · depth) values, the first of which stands at `firstValue`.
    func panels(
        outputs: Int, taps: Int, depth: Int, values: Buffer<Int8>, firstValue: Int = 0, scales: Buffer<Float>,
        firstScale: Int = 0
    ) -> Panels {
        let panels = emptyPanels(
            outputs: outputs, taps: taps, depth: depth, scales: scales, firstScale: firstScale)
        parallel(panels.count) { panel in
            let first = panel * panels.width
            unsafe pack(
                values.base + firstValue + first * taps * depth,
                outputs: first..<min(first + panels.width, outputs), into: panels)
        }
        return panels
    }
}
