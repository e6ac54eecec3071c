/// Sees what layers read, in a run that is measured: the rows of a product's left operand, the pixels of a
/// convolution's image.
///
/// It is asked where floats are there, which is everywhere in a pack of policy fp16.
package protocol ActivationObserver: AnyObject, Sendable {
    /// - Parameters:
    ///   - x: (rows, channels)
    ///   - layer: the layer's checkpoint name; of layers that share an input, the first one's.
    ///   - compute: for work of the observer's own.
    func observe(_ x: Matrix, layer: String, compute: Compute)
}
