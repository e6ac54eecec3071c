import CPNG

extension RGBImage {
    /// The longest side that a picture to read may have.
    public static let sideLimit = 16384

    /// Reads a PNG file. Palettes and gray become RGB, alpha is dropped, 16 bits become 8.
    ///
    /// - Parameter file: The name that errors show.
    public init(png bytes: [UInt8], file: String) throws(PNGError) {
        let fault = PNGFault()
        let image = unsafe bytes.withUnsafeBufferPointer { bytes -> RGBImage? in
            guard
                let reader = unsafe cpng_reader_open(
                    bytes.baseAddress, bytes.count, UInt32(Self.sideLimit), fault.error)
            else { return nil }
            defer { unsafe cpng_reader_close(reader) }
            let width = unsafe Int(cpng_reader_width(reader))
            let height = unsafe Int(cpng_reader_height(reader))
            var pixels = [UInt8](repeating: 0, count: 3 * width * height)
            let isRead = unsafe pixels.withUnsafeMutableBufferPointer { pixels in
                unsafe cpng_reader_pixels(reader, pixels.baseAddress) != 0
            }
            return isRead ? RGBImage(width: width, height: height, pixels: pixels) : nil
        }
        guard let image else { throw .damaged(file: file, reason: fault.reason) }
        self = image
    }
}
