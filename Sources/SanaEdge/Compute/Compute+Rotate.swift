import QuantKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Compute {
    /// Rotary position embedding, in place (RoFormer, arXiv 2104.09864, with the halves of a head as the pairs):
    /// element i of a head's first half and of its second half are turned by position · theta^(-2i / headDimension).
    /// Angles are float32, as transformers computes them.
    ///
    /// - Parameters:
    ///   - x: (positions, heads · headDimension)
    ///   - firstPosition: the position of row 0.
    public func rotate(_ x: Matrix, heads: Int, headDimension: Int, theta: Double, firstPosition: Int) {
        precondition(x.columns == heads * headDimension && headDimension % 2 == 0)
        let kernels = unsafe kernels
        let half = headDimension / 2
        let frequencies = Buffer(
            (0..<half).map { 1 / Float(pow(theta, Double(Float(2 * $0) / Float(headDimension)))) })
        unsafe parallel(x.rows, scratch: headDimension) { row, memory in
            let position = Float(firstPosition + row)
            for index in 0..<half {
                let angle = position * frequencies[index]
                unsafe memory[index] = cosf(angle)
                unsafe memory[half + index] = sinf(angle)
            }
            unsafe kernels.rotate_f32(heads, headDimension, memory, memory + half, x.pointer(row: row))
        }
    }
}
