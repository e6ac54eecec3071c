/// The activations of attention blocks, each as large as the largest block so far has wanted it.
final class DecoderScratch {
    enum Use: Hashable {
        /// Queries, or keys and values.
        case projections
        /// The same behind a depthwise convolution.
        case local
        /// The same at a scale.
        case scaled(Int)
        /// What attention gives, where it is wanted in floats.
        case mixed
        /// Products that are normalized afterwards.
        case products
        /// A band of the image before it is changed.
        case source
    }

    private(set) var gatedConvolution = GatedConvolutionScratch()
    private var buffers: [Use: Buffer<Float>] = [:]

    /// Gives the memory back.
    func release() {
        gatedConvolution = GatedConvolutionScratch()
        buffers = [:]
    }

    /// Memory that holds any values.
    func matrix(_ use: Use, rows: Int, columns: Int) -> Matrix {
        if let buffer = buffers[use], buffer.count >= rows * columns {
            return Matrix(rows: rows, columns: columns, buffer: buffer)
        }
        buffers[use] = nil
        let matrix = Matrix(rows: rows, columns: columns)
        buffers[use] = matrix.buffer
        return matrix
    }
}
