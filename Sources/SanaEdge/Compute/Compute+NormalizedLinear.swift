import QuantKernels

extension Compute {
    /// y += norm(x · Wᵀ + bias). In int8 a block of whole rows is normalized and added while it is in a core's cache.
    ///
    /// - Parameters:
    ///   - x: (rows, in), made for the layer's weight
    ///   - y: (rows, out)
    ///   - products: memory for a float product: (rows, out)
    func linear(
        _ x: Operand, _ layer: Linear, _ norm: RMSNorm, addedTo y: Matrix, products: @autoclosure () -> Matrix
    ) {
        precondition(x.rows == y.rows && y.columns == layer.outputs)
        guard let panels = layer.weight.panels, let rows = x.quantized else {
            let products = products()
            linear(x, layer, into: products)
            normalize(products, norm, residual: y, into: y)
            return
        }
        let kernels = unsafe kernels
        let outputs = layer.outputs
        let epilogue = Epilogue(bias: layer.bias, output: .store(.none), columns: outputs)
        let tile = unsafe kernels.tile_rows
        // Few rows still make enough blocks for several threads.
        let most = max(tile, y.rows / Compute.leastNormalizedBlocks / tile * tile)
        let height = min(ProductParts.stayingRows(bytesOfRow: rows.stride, tile: tile), most)
        unsafe parallel((y.rows + height - 1) / height, scratch: height * outputs) { index, sums in
            let block = index * height..<min(y.rows, (index + 1) * height)
            unsafe multiplyPart(
                rows, rows: block, panels, columns: 0..<outputs, epilogue, into: sums, stride: outputs)
            let target = unsafe y.pointer(row: block.lowerBound)
            var rmsNorm = unsafe norm.kernel
            unsafe kernels.rms_norm_f32(
                block.count, outputs, sums, outputs, &rmsNorm, target, y.stride, target, y.stride)
        }
    }

    private static let leastNormalizedBlocks = 16
}
