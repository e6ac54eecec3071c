/// An image on its way through the decoder.
struct DecoderImage {
    let x: Matrix  // (height · width, channels)
    let height: Int
    let width: Int
}
